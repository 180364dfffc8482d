import { requireViewer } from '#lib/identity/sessions/require-role.ts';
import { ROLE_LABELS } from '#lib/platform/authorization/roles.ts';
import { NoAccess } from '../../no-access.tsx';
import { redirectUnauthorized } from '../../redirect-unauthorized.ts';
import { IMPORT_PATH } from '../job-labels.ts';
import { ImportHeading } from '../jobs-heading.tsx';
import { ImportColumns } from './import-columns.tsx';
import { UploadForm } from './upload-form.tsx';

export const metadata = { title: 'Import API accounts' };

export default async function ImportPage() {
  const access = await requireViewer();
  if (!access.ok) redirectUnauthorized(access, IMPORT_PATH);
  if (!access.ok || !access.administrator) {
    const message = `Only a ${ROLE_LABELS.settings_administrator} can create API accounts. Ask one to give you that role.`;
    return <NoAccess heading={<ImportHeading />}>{access.ok ? message : access.message}</NoAccess>;
  }
  return (
    <>
      <ImportHeading />
      <div className="grid max-w-3xl gap-6">
        <UploadForm />
        <ImportColumns />
      </div>
    </>
  );
}
