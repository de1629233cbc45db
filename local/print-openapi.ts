/** `node dist/local/print-openapi.js` prints the description of the API, without a host or storage. */
import { API_TEXTS } from '../functions/web/api-texts.ts';
import { describeApi } from '../shared/http/openapi/document.ts';
import { declaredEndpoints } from './declared-endpoints.ts';

process.stdout.write(`${JSON.stringify(describeApi(await declaredEndpoints(), API_TEXTS))}\n`);
