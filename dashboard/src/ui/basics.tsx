// The parts every page is made of, as the Dashboard draws its own.
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import type { ApiError } from "../api";
import { address, go, takeArrival } from "../router";
import type { Check, Warning } from "../types";
import { t } from "../words";

type Children = { children?: ComponentChildren };

export function Card(props: Children & { title?: string; label?: string; text?: string; side?: ComponentChildren; class?: string }) {
  const id = useId();
  return (
    <section class={`card ${props.class ?? ""}`} aria-label={props.label} aria-labelledby={props.title && !props.label ? id : undefined}>
      {props.title && (
        <header>
          <div>
            <h2 id={id}>{props.title}</h2>
            {props.text && <p class="quiet">{props.text}</p>}
          </div>
          {props.side}
        </header>
      )}
      <div class="body">{props.children}</div>
    </section>
  );
}

export function Heading(props: Children & { title: string; side?: ComponentChildren; text?: string }) {
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => { if (takeArrival()) title.current?.focus({ preventScroll: true }); }, []);
  return (
    <header class="heading">
      <div>
        <h1 ref={title} tabIndex={-1}>{props.title} {props.children}</h1>
        {props.text && <p class="quiet">{props.text}</p>}
      </div>
      {props.side && <div class="row">{props.side}</div>}
    </header>
  );
}

export type Tone = "good" | "warn" | "bad" | "info" | "plain";
export const Pill = ({ tone = "plain", children }: Children & { tone?: Tone }) => <span class={`pill ${tone}`}>{children}</span>;

export const Environment = ({ test }: { test: boolean }) => (
  <Pill tone={test ? "info" : "good"}>{test ? t().test : t().live}</Pill>
);

type ButtonProps = Children & {
  onClick?: () => void | Promise<unknown>; kind?: "primary" | "secondary" | "danger" | "plain"; disabled?: boolean;
  submit?: boolean; label?: string;
};

/** A button that shows for how long its work goes on, and cannot be pressed twice meanwhile. */
export function Button({ onClick, kind = "secondary", disabled, submit, label, children }: ButtonProps) {
  const [busy, setBusy] = useState(false);
  const alive = useRef(true);
  useEffect(() => () => { alive.current = false; }, []);
  const press = async (): Promise<void> => {
    const work = onClick?.();
    if (!(work instanceof Promise)) return;
    setBusy(true);
    try {
      await work;
    } finally {
      if (alive.current) setBusy(false);
    }
  };
  return (
    <button type={submit ? "submit" : "button"} class={kind} disabled={disabled || busy} aria-busy={busy} aria-label={label}
      onClick={onClick && (() => void press())}>
      {busy && <span class="spinner" aria-hidden="true" />}
      {children}
    </button>
  );
}

export function Link({ to, children, class: name, label }: Children & { to: string; class?: string; label?: string }) {
  return (
    <a href={address(to)} class={name} aria-label={label}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey) return;
        event.preventDefault();
        go(to);
      }}>
      {children}
    </a>
  );
}

export const Outside = ({ href, children }: Children & { href: string }) => (
  <a href={href} target="_blank" rel="noopener noreferrer">
    {children}<span class="hidden"> ({t().opensElsewhere})</span>
  </a>
);

export function Notice({ tone, title, children, side }: Children & { tone: Tone; title?: string; side?: ComponentChildren }) {
  return (
    <div class={`notice ${tone}`} role={tone === "bad" ? "alert" : "status"}>
      <div>{title && <strong>{title}</strong>} {children}</div>
      {side}
    </div>
  );
}

export const Warnings = ({ found, tone = "warn" }: { found: Warning[]; tone?: Tone }) => (
  <>{found.map((each) => <Notice key={each.code + each.field} tone={tone} title={each.message}>{each.remedy}</Notice>)}</>
);

export const errorText = (error: ApiError): string => t().errors[error.code] ?? (error.message || t().errors.other || "");

export const Failure = ({ error, retry }: { error: ApiError; retry?: () => Promise<void> }) => (
  <Notice tone="bad" side={retry && <Button onClick={retry}>{t().retry}</Button>}>{errorText(error)}</Notice>
);

export const Loading = () => (
  <p class="loading" role="status"><span class="spinner" aria-hidden="true" /> {t().loading}</p>
);

export const Empty = ({ children }: Children) => <p class="empty">{children}</p>;

export function Checks({ found }: { found: Check[] }) {
  return (
    <ul class="list">
      {found.map((check) => (
        <li key={check.name}>
          <Pill tone={check.state === "OK" ? "good" : "bad"}>{check.state === "OK" ? t().profile.ok : t().profile.failed}</Pill>
          <div class="grow"><strong>{check.name}</strong>{check.message && <p class="quiet">{check.message}</p>}</div>
        </li>
      ))}
    </ul>
  );
}

/** Text to be copied. Where the frame may not use the clipboard, the text is selected and copied the old way. */
export function Copy({ text, label }: { text: string; label: string }) {
  const [copied, setCopied] = useState(false);
  const box = useRef<HTMLInputElement>(null);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      box.current?.select();
      document.execCommand("copy");
    }
    setCopied(true);
    setTimeout(() => setCopied(false), 3000);
  };
  return (
    <div class="copy">
      <input ref={box} readOnly value={text} aria-label={label} onFocus={(event) => event.currentTarget.select()} />
      <Button onClick={copy} label={`${t().copy}: ${label}`}>{copied ? t().copied : t().copy}</Button>
      <span class="hidden" role="status">{copied ? t().copied : ""}</span>
    </div>
  );
}
