/**
 * The design system's parts that we use, named once: https://aksel.nav.no/komponenter/core
 * By subpath, so that the server does not load date pickers. Left out on purpose, because their server HTML carries
 * inline styles that the content security policy refuses: Textarea, HelpText, Popover and the layout primitives; and
 * ReadMore and ExpansionCard, which stay shut without JavaScript.
 */
export { Alert } from '@navikt/ds-react/Alert';
export { Button } from '@navikt/ds-react/Button';
export { Checkbox, CheckboxGroup } from '@navikt/ds-react/Checkbox';
export { ErrorSummary } from '@navikt/ds-react/ErrorSummary';
export { Fieldset } from '@navikt/ds-react/Fieldset';
export { Radio, RadioGroup } from '@navikt/ds-react/Radio';
export { Select } from '@navikt/ds-react/Select';
export { Table } from '@navikt/ds-react/Table';
export { Tag } from '@navikt/ds-react/Tag';
export { TextField } from '@navikt/ds-react/TextField';
export { BodyLong, BodyShort, Detail, Heading, Label } from '@navikt/ds-react/Typography';
export { Link } from '@navikt/ds-react/Link';
