/** The browser's name out of what it says about itself; undefined when it is none of those that people know by name. */
export function browserName(agent: string | undefined): string | undefined {
  const known = {
    Edg: 'Edge',
    OPR: 'Opera',
    Firefox: 'Firefox',
    Chrome: 'Chrome',
    Safari: 'Safari',
  } as const;
  const [name] = (['Edg', 'OPR', 'Firefox', 'Chrome', 'Safari'] as const).filter((one) =>
    agent?.includes(one),
  );
  return name === undefined ? undefined : known[name];
}
