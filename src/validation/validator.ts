/**
 * The validator: https://hl7.org/fhir/R4/validation.html
 * Base type first (structure, formats, bindings, invariants), then every profile that the resource or the caller names.
 * Everything is compiled on first use and kept. Synchronous; takes any JSON without throwing.
 */
import type { R4Definitions } from '../content/r4.ts';
import { issue, type Issue } from '../fhir/outcome.ts';
import type { JsonObject, JsonValue, StructureDefinition } from '../fhir/types.ts';
import type { DeferredCode } from '../terminology/deferred.ts';
import type { Terminology } from '../terminology/terminology.ts';
import { createBaseTypes, resourceTypeFault } from './base-types.ts';
import { CORE, createDefinitions } from './definitions.ts';
import { createExtensionCheck } from './extensions.ts';
import { profileLayer } from './profile-layer.ts';
import { fail, inform, isObject, listOf, shown, type Check, type FoundReference, type Run } from './run.ts';

export type { FoundReference } from './run.ts';

export interface ValidatorNeeds {
  readonly r4: R4Definitions;
  /** Profiles and extensions beside the base specification; a snapshot is made where it is missing. */
  readonly profiles?: readonly StructureDefinition[];
  readonly terminology: Terminology;
}

export interface ValidateOptions {
  /** Profiles to hold the resource against, beside those in its `meta.profile`. An unknown one is an error. */
  readonly profiles?: readonly string[];
}

export interface Validator {
  /** All findings; the resource is valid when none has severity error. */
  validate(resource: JsonValue, options?: ValidateOptions): readonly Issue[];
  /** Findings and literal references in one walk. */
  inspect(resource: JsonValue, options?: ValidateOptions): Inspection;
  /** Literal references of a resource (also in contained ones; no fragments) and the types their elements allow. */
  references(resource: JsonValue): readonly FoundReference[];
  /** A known profile, extension or base type, with its snapshot. */
  profile(canonical: string): StructureDefinition | undefined;
}

export interface Inspection {
  readonly issues: readonly Issue[];
  readonly references: readonly FoundReference[];
  /** What the loaded systems are to be asked. */
  readonly deferred: readonly DeferredCode[];
}

/** Build a validator. Throws on a profile of ours whose base or element is not known, on the profile's first use. */
export function createValidator({ r4, profiles = [], terminology }: ValidatorNeeds): Validator {
  const definitions = createDefinitions(r4, profiles);
  const layers = new Map<StructureDefinition, Check>();

  const profileCheck = (canonical: string): Check | undefined => {
    const definition = definitions.get(canonical);
    if (definition === undefined) {
      return undefined;
    }
    let layer = layers.get(definition);
    if (layer === undefined) {
      layers.set(definition, (value, at, run) => layers.get(definition)?.(value, at, run));
      const isBaseType = definition.url === CORE + (definition.type ?? '');
      const check: Check = isBaseType
        ? () => undefined
        : profileLayer(definition, { definitions, terminology, profileCheck });
      layer = definition.kind === 'resource' ? ofType(definition.type ?? '', check) : check;
      layers.set(definition, layer);
    }
    return layer;
  };

  /** A resource of another type is told so, and is not held against the rest of the profile. */
  const ofType =
    (wanted: string, check: Check): Check =>
    (value, at, run) => {
      const type = isObject(value) ? value['resourceType'] : undefined;
      if (typeof type === 'string' && !definitions.isKindOf(type, wanted)) {
        fail(run, 'value', 'profile-type', at, `Here a ${wanted} must stand, not a ${shown(type)}.`);
      } else {
        check(value, at, run);
      }
    };

  const extensionCheckOf = createExtensionCheck({ definitions, definitionCheck: profileCheck });
  const nestedResource: Check = (value, at, run) => checkNested(value, at, run);
  const types = createBaseTypes({ definitions, terminology, extensionCheckOf, nestedResource, profileCheck });
  const resourceChecks = new Map<string, Check>();

  const checkResource: Check = (value, at, run) => {
    const fault = isObject(value)
      ? resourceTypeFault(value['resourceType'])
      : 'A resource must be a JSON object.';
    if (fault !== undefined || !isObject(value)) {
      fail(run, 'structure', 'resource-type', at, fault ?? '');
      return;
    }
    const type = String(value['resourceType']);
    const check = resourceChecks.get(type) ?? types.checkType(type);
    resourceChecks.set(type, check);
    check(value, at, run);
    checkNamedProfiles(value, type, at, run);
  };

  /** A contained resource shares its container's root; any other nested resource is a root of its own. */
  const checkNested = (value: JsonValue, at: string, run: Run): void => {
    const resource = isObject(value) ? value : {};
    const isContained = /\.contained\[[0-9]+\]$/.test(at);
    const inner: Run = {
      ...run,
      resource,
      root: isContained ? run.root : resource,
      resourceAt: at,
      outer: isContained ? run.outer : run,
    };
    const first = run.issues.length;
    checkResource(value, at, inner);
    if (isContained && isTemplate(run.root, resource)) {
      run.issues.splice(first, Infinity, ...run.issues.slice(first).map(asWarning));
    }
  };

  const checkNamedProfiles = (resource: JsonObject, type: string, at: string, run: Run): void => {
    const named = isObject(resource['meta']) ? listOf(resource['meta']['profile']) : [];
    for (const [index, canonical] of named.entries()) {
      if (typeof canonical !== 'string') {
        continue;
      }
      const place = `${at}.meta.profile[${index}]`;
      const check = checkOfProfile(canonical, type, place, run);
      if (check === undefined) {
        inform(
          run,
          'not-found',
          'unknown-profile',
          place,
          `The profile ${shown(canonical)} is not known here; it was not checked.`,
        );
      }
      check?.(resource, at, run);
    }
  };

  const checkOfProfile = (canonical: string, type: string, place: string, run: Run): Check | undefined => {
    const definition = definitions.get(canonical);
    const isOfType = definition?.type === undefined || definitions.isKindOf(type, definition.type);
    if (definition !== undefined && !isOfType) {
      fail(
        run,
        'value',
        'profile-type',
        place,
        `The profile ${shown(canonical)} is for ${definition.type ?? ''}, not for ${type}.`,
      );
      return () => undefined;
    }
    return profileCheck(canonical);
  };

  const checkAskedProfiles = (asked: readonly string[], resource: JsonValue, at: string, run: Run): void => {
    for (const canonical of asked) {
      const type = isObject(resource) ? String(resource['resourceType']) : '';
      const check = checkOfProfile(canonical, type, at, run);
      if (check === undefined) {
        fail(run, 'not-found', 'unknown-profile', at, `The profile ${shown(canonical)} is not known here.`);
      }
      check?.(resource, at, run);
    }
  };

  const inspect: Validator['inspect'] = (resource, { profiles: asked = [] } = {}) => {
    const root = isObject(resource) ? resource : {};
    const at =
      typeof root['resourceType'] === 'string' && /^[A-Z][A-Za-z]{0,63}$/.test(root['resourceType'])
        ? root['resourceType']
        : 'Resource';
    const run: Run = {
      issues: [],
      references: [],
      deferred: [],
      root,
      resource: root,
      resourceAt: at,
      outer: undefined,
      unchecked: new Set(),
      ids: new Map(),
      following: new Map(),
      depth: 0,
    };
    checkResource(resource, at, run);
    checkAskedProfiles(asked, resource, at, run);
    return { issues: bounded(distinct(run.issues)), references: run.references, deferred: run.deferred };
  };

  return {
    inspect,
    validate: (resource, options) => inspect(resource, options).issues,
    references: (resource) => inspect(resource).references,
    profile: (canonical) =>
      definitions.get(canonical.startsWith(CORE) ? (canonical.split('|', 1)[0] ?? '') : canonical),
  };
}

const TEMPLATE = '"http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-templateExtract';

/** A resource in a Questionnaire whose values are filled in by extraction: not yet what it will be. */
const isTemplate = (container: JsonObject, resource: JsonObject): boolean =>
  container['resourceType'] === 'Questionnaire' && JSON.stringify(resource).includes(TEMPLATE);

const asWarning = (issue: Issue): Issue =>
  issue.severity === 'error' ? { ...issue, severity: 'warning' } : issue;

const MAX_ISSUES = 1000;

/** A sender who gets everything wrong is told the first thousand things; errors go before advice. */
function bounded(issues: readonly Issue[]): readonly Issue[] {
  if (issues.length <= MAX_ISSUES) {
    return issues;
  }
  const isError = ({ severity }: Issue): boolean => severity === 'error';
  const kept = [...issues.filter(isError), ...issues.filter((found) => !isError(found))].slice(0, MAX_ISSUES);
  const rest = `${issues.length - MAX_ISSUES} further findings are not listed.`;
  return [...kept, issue('information', 'too-costly', rest, kept[0]?.expression, 'too-many-issues')];
}

/** One finding per rule and place: a profile and its base may both report it. */
function distinct(issues: readonly Issue[]): readonly Issue[] {
  if (issues.length < 2) {
    return issues;
  }
  const seen = new Set<string>();
  return issues.filter(({ severity, rule, expression, diagnostics }) => {
    const key = `${severity} ${rule ?? ''} ${expression ?? ''} ${rule === 'cardinality' ? '' : diagnostics}`;
    return !seen.has(key) && seen.add(key) !== undefined;
  });
}
