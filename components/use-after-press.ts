'use client';
import { useCallback, useEffect, useRef } from 'react';

/**
 * Returns a function that runs a callback once no mouse button is pressed. For what happens when a field loses the
 * focus: if it moves the button that is being pressed, the release would miss the button, and nothing would be clicked.
 */
export function useAfterPress(): (callback: () => void) => void {
  const isPressed = useRef(false);
  const waiting = useRef<(() => void)[]>([]);

  useEffect(() => {
    const press = () => {
      isPressed.current = true;
    };
    const release = () => {
      isPressed.current = false;
      const callbacks = waiting.current;
      waiting.current = [];
      // After the click, which follows the release.
      setTimeout(() => {
        for (const callback of callbacks) callback();
      });
    };
    document.addEventListener('pointerdown', press, true);
    document.addEventListener('pointerup', release, true);
    document.addEventListener('pointercancel', release, true);
    return () => {
      document.removeEventListener('pointerdown', press, true);
      document.removeEventListener('pointerup', release, true);
      document.removeEventListener('pointercancel', release, true);
    };
  }, []);

  return useCallback((callback) => {
    if (isPressed.current) waiting.current.push(callback);
    // On touch screens, the field loses the focus between the release and the click.
    else setTimeout(callback);
  }, []);
}
