import { backoff } from '../../../../src/registry/subscription/backoff.ts';
import { parseHeader, signatureOf } from '../../../../src/registry/subscription/channel.ts';
import { readTopics } from '../../../../src/registry/subscription/topic.ts';
import type { Basic, Extension } from '../../../../src/fhir/types.ts';

const X = 'http://hl7.org/fhir/4.3/StructureDefinition/extension-SubscriptionTopic.';
const basic = (...extension: readonly Extension[]): Basic => ({
  resourceType: 'Basic',
  code: { coding: [{ system: 'http://hl7.org/fhir/fhir-types', code: 'SubscriptionTopic' }] },
  extension: [{ url: `${X}url`, valueUri: 'https://example.org/topic' }, ...extension],
});
const trigger = (...extension: readonly Extension[]): Extension => ({
  url: `${X}resourceTrigger`,
  extension: [
    { url: 'resource', valueUri: 'http://hl7.org/fhir/StructureDefinition/Encounter' },
    ...extension,
  ],
});

describe('A topic in a Basic', () => {
  it('is read with its triggers; every interaction where none is named.', () => {
    const topics = readTopics([
      basic(
        { url: `${X}version`, valueString: '2' },
        trigger({
          url: 'queryCriteria',
          extension: [
            { url: 'previous', valueString: 'status:not=finished' },
            { url: 'resultForCreate', valueCode: 'test-passes' },
            { url: 'current', valueString: 'status=finished' },
            { url: 'requireBoth', valueBoolean: true },
          ],
        }),
      ),
    ]);

    expect(topics.get('https://example.org/topic|2')?.triggers).toEqual([
      {
        type: 'Encounter',
        interactions: ['create', 'update', 'delete'],
        previous: 'status:not=finished',
        current: 'status=finished',
        onCreate: 'test-passes',
        requireBoth: true,
      },
    ]);
    expect(topics.get('https://example.org/topic')).toBeDefined();
    expect(topics.get('https://example.org/topic|1')).toBeUndefined();
  });

  it('is refused where it asks for what is not done here.', () => {
    expect(() => readTopics([basic(trigger({ url: 'fhirPathCriteria', valueString: 'true' }))])).toThrow(
      'fhirPathCriteria',
    );
    expect(() =>
      readTopics([
        basic({ url: `${X}resourceTrigger`, extension: [{ url: 'resource', valueUri: 'Thing' }] }),
      ]),
    ).toThrow('no R4 resource type');
  });

  it('is not every Basic.', () => {
    expect(readTopics([{ resourceType: 'Basic', code: { text: 'other' } }]).all()).toEqual([]);
  });
});

describe('The wait after a failure', () => {
  it('doubles from two seconds to an hour, less up to half of it.', () => {
    expect([1, 2, 3, 12, 100].map((failures) => backoff(failures, 0))).toEqual([
      1000, 2000, 4000, 1_800_000, 1_800_000,
    ]);
    expect([1, 2, 100].map((failures) => backoff(failures, 1))).toEqual([2000, 4000, 3_600_000]);
  });
});

describe('A header that a subscriber asks for', () => {
  it.each([
    ['Authorization: Bearer a', { name: 'Authorization', value: 'Bearer a' }],
    ['X-Key:1', { name: 'X-Key', value: '1' }],
    ['Host: a', undefined],
    ['Content-Type: a', undefined],
    ['Cookie: a', undefined],
    ['X-Ryggrad-Signature: forged', undefined],
    ['X-A: a\r\nHost: b', undefined],
    ['X-A: æ', undefined],
    [': a', undefined],
    ['nothing', undefined],
  ])('%j', (line, expected) => {
    expect(parseHeader(line)).toEqual(expected);
  });
});

describe('A signature', () => {
  it('is HMAC-SHA-256 over the second and the body.', () => {
    expect(signatureOf('key', 'body', new Date(1_700_000_000_999))).toBe(
      't=1700000000,v1=47b6ce0fca59474308e2921c247cb2493dce6b8101d90ac05bd0c6a37d0e046e',
    );
  });
});
