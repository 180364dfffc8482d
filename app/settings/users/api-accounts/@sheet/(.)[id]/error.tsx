'use client';
import { PageError } from '../../../../page-error.tsx';

export default function AccountSheetError(props: { error: Error; reset: () => void }) {
  return (
    <div className="p-5 sm:p-6">
      <PageError heading={null} subject="this API account" {...props} />
    </div>
  );
}
