/** The library in Node: that of browser.ts, with the model's answers that came with the build. */
import { useAnswers } from './io/answers.ts';
import { refuseOldNode } from './needed.ts';

export * from './browser.ts';

refuseOldNode();
useAnswers();
