/** https://hl7.org/fhir/uv/bulkdata/export.html */
import type { OperationRoute } from '../route.ts';
import type { ExportDeps } from './deps.ts';
import { exportFile } from './file.ts';
import { kickOff } from './kick-off.ts';
import type { ExportLevel } from './parameters.ts';
import { cancel, status } from './status.ts';

const IG = 'http://hl7.org/fhir/uv/bulkdata/OperationDefinition';

/** Kick-off, status, files and deletion (BK-01, BK-02, BK-06, BK-07). */
export function exportRoutes(exports: ExportDeps): readonly OperationRoute[] {
  const start = (path: string, level: ExportLevel, definition: string): readonly OperationRoute[] =>
    (['get', 'post'] as const).map((method) => ({
      method,
      path,
      name: 'export',
      definition: `${IG}/${definition}`,
      run: (deps, request) => kickOff(exports, deps, request, level),
    }));
  return [
    ...start('/$export', 'system', 'export'),
    ...start('/Patient/$export', 'patient', 'patient-export'),
    ...start('/Group/:id/$export', 'group', 'group-export'),
    { method: 'get', path: '/$export-status/:id', run: (deps, request) => status(exports, deps, request) },
    { method: 'delete', path: '/$export-status/:id', run: (deps, request) => cancel(exports, deps, request) },
    {
      method: 'get',
      path: '/$export-file/:id/:versionId',
      run: (deps, request) => exportFile(exports, deps, request),
    },
  ];
}
