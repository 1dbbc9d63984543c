/** The pages of each register's variables say what the content has; none is missing without a reason. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { missing, pageOf, readVariables, registersOf } from '../../scripts/register-variables.mjs';
import { repositoryRoot } from '../support/source-files.ts';

const rows = readVariables();

describe('The variables that registers are known to have', () => {
  it('are in the content or left out with a reason.', () => {
    expect(missing(rows).map(({ prefix, form, variable }) => `${prefix}-${form} ${variable}`)).toEqual([]);
    expect(registersOf(rows)).toEqual(expect.arrayContaining(['nkr', 'nnrr']));
  });

  it('have a type where they are in the content, and codes where the type is a list.', () => {
    const bare = rows.filter(
      ({ questionnaire, type, codes }) =>
        questionnaire !== undefined && (!type || (type.startsWith('liste') && !codes)),
    );

    expect(bare.map(({ prefix, form, variable }) => `${prefix}-${form} ${variable}`)).toEqual([]);
  });

  it('that are missing are told.', () => {
    const row = { register: 'x', prefix: 'x', form: '1', variable: 'V' };

    expect(
      missing([row, { ...row, reason: 'Følger av et annet felt.' }, { ...row, questionnaire: 'x-1' }]),
    ).toEqual([row]);
  });

  it.each(registersOf(rows))('of %s stand in its page as the script writes it.', (register) => {
    const page = readFileSync(join(repositoryRoot, `docs/${register}-variables.md`), 'utf8');

    expect(page).toBe(pageOf(register, rows));
  });
});
