/**
 * What the further screens of the workbench need from the rest of the system; as deps.ts, each function authorises for itself
 * and throws FhirError.
 */
import type { StaffPrincipal } from '../access/principal.ts';
import type { PlaceKind } from '../registry/unit/places.ts';
import type { ConnectionsModel, MessageModel } from './models/connections.ts';
import type { ResourceModel, ResourceQuery } from './models/resource-view.ts';
import type { CodeBookModel, FileContent, FilesModel } from './models/files.ts';
import type { OverviewModel } from './models/overview.ts';
import type { PaperModel } from './models/paper.ts';
import type { SystemModel } from './models/system.ts';
import type { UnmappedModel } from './models/unmapped.ts';
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

export interface FilePages {
  list(principal: StaffPrincipal): Promise<FilesModel>;
  /** Throws 404 for what is no file of the register. */
  content(principal: StaffPrincipal, id: string): Promise<FileContent>;
  /** Throws 403 for others than the national coordinator. */
  add(
    principal: StaffPrincipal,
    file: { readonly title: string; readonly name: string; readonly data: Buffer },
  ): Promise<void>;
  remove(principal: StaffPrincipal, id: string): Promise<void>;
  codeBook(principal: StaffPrincipal): Promise<CodeBookModel>;
  /** One table of the data dump as CSV, as it is read. Throws 403 for others than coordinators, 404 for what is no table. */
  dump(principal: StaffPrincipal, table: string): AsyncIterable<string>;
}

/** What systems send. Throws 403 for others than coordinators, 404 for what comes from elsewhere. */
export interface ConnectionPages {
  list(principal: StaffPrincipal, before: string | undefined): Promise<ConnectionsModel>;
  one(principal: StaffPrincipal, id: string): Promise<MessageModel>;
  /** `gone`: it has been dealt with, or what was sent is not kept any more. */
  replay(principal: StaffPrincipal, id: string): Promise<'replayed' | 'refused' | 'gone'>;
  dismiss(principal: StaffPrincipal, id: string): Promise<void>;
  /** All that is refused of one source is carried out again, later. */
  replayAll(principal: StaffPrincipal, source: string): Promise<void>;
}

export interface ScreenPages {
  readonly connections: ConnectionPages;
  readonly places: PlacePages;
  readonly files: FilePages;
  readonly paper: {
    /** Throws 404. */
    filled(principal: StaffPrincipal, taskId: string): Promise<PaperModel>;
    /** Throws 404; 409 when it does not wait for its patient; 422 when its wording is licensed and not installed. */
    forPatient(principal: StaffPrincipal, taskId: string): Promise<PaperModel>;
    /** Throws 404; 422 when its wording is licensed and not installed. */
    empty(principal: StaffPrincipal, questionnaire: string): Promise<PaperModel>;
  };
  /** Versions; throws 403 for others than the national coordinator. */
  system(principal: StaffPrincipal): Promise<SystemModel>;
  /** Values that cannot be coded; throws 403 for others than coordinators. */
  unmapped(principal: StaffPrincipal): Promise<UnmappedModel>;
  overview(principal: StaffPrincipal): Promise<OverviewModel>;
  /** One stored resource. Throws 404 for what the reader may not see. */
  resource(principal: StaffPrincipal, query: ResourceQuery): Promise<ResourceModel>;
}
