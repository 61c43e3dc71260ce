/** Wrong usage that shows only after the options were parsed; its text is for the user. */
export class UsageError extends Error {}
