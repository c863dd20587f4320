import { backlogImport } from '../backlog/backlog-import.js';
import { icescrumImport } from '../icescrum/icescrum-import.js';
import { taigaImport } from '../taiga/taiga-import.js';
import { worksectionImport } from '../worksection/worksection-import.js';
import type { HookImporter } from './imported-hook.js';

/** By dialect: who reads the product's own list of hooks. */
export const hookImporters: Readonly<Record<'taiga' | 'backlog' | 'icescrum' | 'worksection', HookImporter>> = { taiga: taigaImport, backlog: backlogImport, icescrum: icescrumImport, worksection: worksectionImport };
