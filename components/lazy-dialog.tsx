'use client';
import { type ComponentType, useEffect, useEffectEvent, useState } from 'react';
import { createPortal } from 'react-dom';
import { Spinner } from './spinner.tsx';
import { useToast } from './toast.tsx';

type Load<Loaded> = () => Promise<Loaded>;

/** Makes a function load once. After a failure, the next call tries again. */
export function loadOnce<Loaded>(load: Load<Loaded>): Load<Loaded> {
  let loading: Promise<Loaded> | null = null;
  return () => {
    loading ??= load().catch((error: unknown) => {
      loading = null;
      throw error;
    });
    return loading;
  };
}

/** Returns props for a button that opens a lazy dialog: its code is loaded when the pointer or the focus arrives. */
export function preloadOnIntent(load: Load<unknown>) {
  // `LazyDialog` reports a failure if the dialog is opened.
  const preload = () => void load().catch(() => {});
  return { onPointerEnter: preload, onFocus: preload };
}

type LazyDialogProps<Props> = {
  /** A constant, made by `loadOnce`. */
  load: Load<ComponentType<Props>>;
  isOpen: boolean;
  /** Called if the code cannot be loaded, or if Escape is pressed meanwhile. */
  onCancel: () => void;
  /** The props of the loaded component. */
  props: Props;
};

/** Renders a dialog whose code is loaded when it opens for the first time, so that the page itself starts faster. */
export function LazyDialog<Props extends object>({ load, isOpen, onCancel, props }: LazyDialogProps<Props>) {
  const [Loaded, setLoaded] = useState<ComponentType<Props> | null>(null);
  const toast = useToast();
  const handleFailure = useEffectEvent(() => {
    onCancel();
    toast({
      tone: 'danger',
      title: 'This couldn’t be opened',
      description: 'Check your connection, then reload this page. Nothing was changed.',
    });
  });

  useEffect(() => {
    if (!isOpen || Loaded) return;
    let isCancelled = false;
    load().then(
      (component) => {
        if (!isCancelled) setLoaded(() => component);
      },
      () => {
        if (!isCancelled) handleFailure();
      },
    );
    return () => {
      isCancelled = true;
    };
  }, [isOpen, Loaded, load]);

  if (Loaded) return <Loaded {...props} />;
  return isOpen ? <Loading onCancel={onCancel} /> : null;
}

/** Covers the page, so that a second click does nothing. The focus stays where the dialog will return it to. */
function Loading({ onCancel }: Pick<LazyDialogProps<object>, 'onCancel'>) {
  const cancel = useEffectEvent(onCancel);
  useEffect(() => {
    const handleKeyDown = (event: KeyboardEvent) => {
      if (event.key !== 'Escape') return;
      // A dialog below stays open.
      event.stopPropagation();
      cancel();
    };
    window.addEventListener('keydown', handleKeyDown, { capture: true });
    return () => window.removeEventListener('keydown', handleKeyDown, { capture: true });
  }, []);
  return createPortal(
    <div role="status" className="fixed inset-0 z-40 grid appear-late place-items-center bg-backdrop">
      <span className="flex items-center gap-2.5 rounded-lg bg-surface px-4 py-3 text-ink shadow-popup">
        <Spinner />
        <span>Loading…</span>
      </span>
    </div>,
    document.body,
  );
}
