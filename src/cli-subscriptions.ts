/**
 * Commands about subscriptions: what is told to whom, and sending again what was given up. For operators.
 */
import { withApp } from './cli-app.ts';
import { print, UsageError } from './cli-command.ts';

/** `subscription list`: one line for each. */
export const listSubscriptions = (): Promise<number> =>
  withApp(async ({ subscriptions }) => {
    for (const { state, pending, dead } of await subscriptions.list()) {
      const { id, status, subject, lastNumber, error, subscription } = state;
      const counts = `${lastNumber} told, ${pending} waiting, ${dead} given up`;
      print(
        `${id}  ${status}  ${subject}  ${subscription.criteria}  ${counts}${error === null ? '' : `  ${error}`}`,
      );
    }
    return 0;
  });

/** `subscription replay <id>`: given-up events wait again, and the server shakes hands anew. */
export const replaySubscription = ([id]: readonly string[]): Promise<number> => {
  if (id === undefined) {
    throw new UsageError('Usage: subscription replay <id>');
  }
  return withApp(async ({ subscriptions }) => {
    const count = await subscriptions.replay(id);
    print(count === undefined ? `There is no subscription ${id}.` : `${count} events will be sent again.`);
    return count === undefined ? 1 : 0;
  });
};
