/**
 * What the further screens of the workbench need from the rest of the system; as deps.ts, each function authorises for itself
 * and throws FhirError.
 */
import type { StaffPrincipal } from '../access/principal.ts';
import type { PlaceKind } from '../registry/unit/places.ts';
import type { ResourceModel, ResourceQuery } from './models/resource-view.ts';
import type { OverviewModel } from './models/overview.ts';
import type { PlaceLine, PlacesModel, TypedPlace } from './models/places.ts';

export interface PlacePages {
  list(principal: StaffPrincipal, kind: PlaceKind): Promise<PlacesModel>;
  one(
    principal: StaffPrincipal,
    kind: PlaceKind,
    id: string,
  ): Promise<PlaceLine & { readonly version: string }>;
  add(principal: StaffPrincipal, kind: PlaceKind, typed: TypedPlace): Promise<void>;
  /** `version`: what the reader saw; another has been stored since when it throws 412. */
  change(
    principal: StaffPrincipal,
    kind: PlaceKind,
    target: { readonly id: string; readonly version: string },
    typed: TypedPlace,
  ): Promise<void>;
  remove(principal: StaffPrincipal, kind: PlaceKind, id: string): Promise<void>;
}

export interface ScreenPages {
  readonly places: PlacePages;
  overview(principal: StaffPrincipal): Promise<OverviewModel>;
  /** One stored resource. Throws 404 for what the reader may not see. */
  resource(principal: StaffPrincipal, query: ResourceQuery): Promise<ResourceModel>;
}
