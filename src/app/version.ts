/** Version of this program, as its CapabilityStatement and its pages say. */
export const VERSION = '0.1.0';
