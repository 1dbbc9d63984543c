/**
 * User-access brands: who is behind this FHIR address, for apps that let people choose (BR-01).
 * https://hl7.org/fhir/smart-app-launch/STU2.2/brands.html
 */
import { hash } from 'node:crypto';
import type { RequestHandler } from 'express';
import type { JsonObject } from '../fhir/types.ts';

export interface Brand {
  /** Name of whoever runs the server. */
  readonly name: string;
  readonly publicUrl: string;
  readonly fhirBase: string;
  /** When it was last changed. */
  readonly timestamp: string;
}

/** Path of the Bundle below the public address. */
export const BRANDS_PATH = '/brands.json';

export const brandIdentifier = ({ publicUrl }: Pick<Brand, 'publicUrl'>): JsonObject => ({
  system: 'urn:ietf:rfc:3986',
  value: publicUrl,
});

const PROFILE = 'http://hl7.org/fhir/smart-app-launch/StructureDefinition/user-access';

/** One organisation, one endpoint. */
export function brandBundle(brand: Brand): JsonObject {
  const { name, publicUrl, fhirBase, timestamp } = brand;
  const website = { system: 'url', value: publicUrl };
  const organization: JsonObject = {
    resourceType: 'Organization',
    id: 'brand',
    meta: { profile: [`${PROFILE}-brand`] },
    extension: [
      {
        url: 'http://hl7.org/fhir/StructureDefinition/organization-portal',
        extension: [
          { url: 'portalName', valueString: name },
          { url: 'portalUrl', valueUrl: publicUrl },
          {
            url: 'portalEndpoint',
            valueReference: { reference: 'Endpoint/fhir', display: `FHIR R4, ${name}` },
          },
        ],
      },
    ],
    identifier: [brandIdentifier(brand)],
    active: true,
    name,
    telecom: [website],
    endpoint: [{ reference: 'Endpoint/fhir', display: `FHIR R4, ${name}` }],
  };
  const endpoint: JsonObject = {
    resourceType: 'Endpoint',
    id: 'fhir',
    meta: { profile: [`${PROFILE}-endpoint`] },
    extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/endpoint-fhir-version', valueCode: '4.0.1' }],
    status: 'active',
    connectionType: {
      system: 'http://terminology.hl7.org/CodeSystem/endpoint-connection-type',
      code: 'hl7-fhir-rest',
    },
    name: `FHIR R4, ${name}`,
    contact: [website],
    payloadType: [
      {
        coding: [{ system: 'http://terminology.hl7.org/CodeSystem/endpoint-payload-type', code: 'none' }],
      },
    ],
    address: fhirBase,
  };
  return {
    resourceType: 'Bundle',
    id: 'brands',
    meta: { profile: [`${PROFILE}-brands-bundle`] },
    type: 'collection',
    timestamp,
    entry: [
      { fullUrl: `${fhirBase}/Organization/brand`, resource: organization },
      { fullUrl: `${fhirBase}/Endpoint/fhir`, resource: endpoint },
    ],
  };
}

/** `GET` of the Bundle: any origin, weak ETag, 304 for what is known. */
export function brandsHandler(brand: Brand): RequestHandler {
  const text = JSON.stringify(brandBundle(brand));
  const etag = `W/"${hash('sha256', text, 'base64url').slice(0, 16)}"`;
  return (request, response) => {
    response.set({
      'Access-Control-Allow-Origin': '*',
      'Access-Control-Expose-Headers': 'ETag',
      'Cross-Origin-Resource-Policy': 'cross-origin',
      'Cache-Control': 'public, max-age=3600',
      ETag: etag,
    });
    const known = (request.headers['if-none-match'] ?? '').split(',').map((tag) => tag.trim());
    if (known.includes(etag) || known.includes('*')) {
      response.status(304).end();
      return;
    }
    response.type('application/fhir+json; charset=utf-8').send(text);
  };
}
