import { CircleAlert } from 'lucide-react';

/** In the list: somebody who was told of a change of the account says that it was not theirs. */
export function ReportMark({ canAct }: { canAct: boolean }) {
  return (
    <div className="flex gap-1.5 text-danger text-xs">
      <CircleAlert aria-hidden="true" className="mt-0.5 size-3.5 shrink-0" />
      <p className="min-w-0">
        {canAct
          ? 'Somebody was told of a change here and says “this was not us”. Open the account to look into it.'
          : 'Somebody was told of a change here and says “this was not us”.'}
      </p>
    </div>
  );
}
