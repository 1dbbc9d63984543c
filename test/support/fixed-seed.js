/** Property tests try the same inputs in every run, so that a change and nothing else turns one red; `npm run fuzz` looks for new ones. */
import fc from 'fast-check';

fc.configureGlobal({ seed: 20_260_101 });
