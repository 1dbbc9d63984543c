/**
 * Targets of references against the profiles that an element asks of them: https://hl7.org/fhir/R4/elementdefinition-definitions.html#ElementDefinition.type.targetProfile
 * Only targets at hand are looked at: contained resources and entries of the same Bundle.
 */
import type { JsonObject } from '../fhir/types.ts';
import { CORE, type Definitions } from './definitions.ts';
import { targetAtHand } from './references.ts';
import { errorsOf, fail, isObject, type Check, type Run } from './run.ts';

/** Names of the resource types that target profiles allow; empty when any type may stand there. */
export function targetTypes(targetProfiles: readonly string[], definitions: Definitions): readonly string[] {
  const types = targetProfiles.map((profile) => definitions.get(profile)?.type);
  return types.every((type): type is string => type !== undefined && type !== 'Resource')
    ? [...new Set(types)]
    : [];
}

interface TargetNeeds {
  readonly profileCheck: (canonical: string) => Check | undefined;
}

/** The check that what a Reference points at meets one of the profiles; an unknown profile may be the one. */
export function targetProfileCheck(profiles: readonly string[], { profileCheck }: TargetNeeds): Check {
  const isOfTypes = profiles.every(
    (profile) => profile.startsWith(CORE) && /\/[A-Z][A-Za-z]+$/.test(profile),
  );
  if (isOfTypes || profiles.length === 0) {
    return () => undefined;
  }
  return (value, at, run) => {
    const target = isObject(value) ? targetAtHand(value, run) : undefined;
    if (target === undefined || isFollowed(target, profiles, run)) {
      return;
    }
    const checks = profiles.map(profileCheck);
    const isMet = checks.some((check) => check === undefined || meets(target, check, at, run));
    if (!isMet) {
      fail(
        run,
        'value',
        'target-profile',
        at,
        `What the reference points at meets none of the profiles ${profiles.join(', ')}.`,
      );
    }
  };
}

/** Whether these profiles are being held against this target further up: a circle is decided there. */
function isFollowed(target: JsonObject, profiles: readonly string[], { following }: Run): boolean {
  const known = following.get(target) ?? new Set<string>();
  following.set(target, known);
  const key = profiles.join(' ');
  return known.has(key) || known.add(key).size === 0;
}

/** Whether a resource that a reference leads to meets a profile. */
export function meets(target: JsonObject, check: Check, at: string, run: Run): boolean {
  const isContained =
    target['id'] !== undefined && run.root !== target && run.root['contained'] !== undefined;
  const inside = { resource: target, resourceAt: at, root: isContained ? run.root : target };
  return errorsOf(run, (aside) => check(target, at, { ...aside, ...inside })).length === 0;
}
