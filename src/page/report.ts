/** The script of a report's page. */
import { steppersIn } from './stepper.ts';

steppersIn(document);
