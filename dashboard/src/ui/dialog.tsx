// A question in front of the page. The browser's own dialog keeps focus inside and closes with Escape.
import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import { t } from "../words";
import { Button } from "./basics";

export function Dialog(props: {
  title: string; children?: ComponentChildren; confirm?: string; danger?: boolean; disabled?: boolean; cancel?: string;
  onConfirm?: () => void | Promise<unknown>; onClose: () => void;
}) {
  const box = useRef<HTMLDialogElement>(null);
  const id = useId();
  useLayoutEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    const dialog = box.current;
    dialog?.showModal();
    return () => { dialog?.close(); before?.focus(); }; // before it is gone, so that at no moment the focus is lost
  }, []);
  return (
    // Escape without a click before it closes a dialog whatever the page says. The last close is our own, of one that is gone.
    <dialog ref={box} aria-labelledby={id} onCancel={(event) => { event.preventDefault(); props.onClose(); }} onClose={() => box.current && props.onClose()}>
      <h2 id={id}>{props.title}</h2>
      <div class="body">{props.children}</div>
      <footer class="row">
        <Button onClick={props.onClose}>{props.cancel ?? t().cancel}</Button>
        {props.confirm && props.onConfirm && (
          <Button kind={props.danger ? "danger" : "primary"} disabled={props.disabled ?? false} onClick={props.onConfirm}>{props.confirm}</Button>
        )}
      </footer>
    </dialog>
  );
}
