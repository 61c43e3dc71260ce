/** What the model knows, in two words: loaded by every command for --version, so that nothing else stands here. */

/** Raised with every change of the model that can change a verdict. */
export const MODEL_VERSION = 1;

/** The newest kernel whose source was read. */
export const NEWEST_READ = '7.3.4';
