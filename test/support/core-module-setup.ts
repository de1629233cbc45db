/** Vitest set-up of tests that run orchestrators as a host does: the library asks the host for a module, once in a process. */
import { provideCoreModule } from '../../local/functions-core/core-module.ts';

provideCoreModule();
