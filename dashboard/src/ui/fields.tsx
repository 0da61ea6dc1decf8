// Inputs with their label inside the box and help or error below, as the Dashboard has them.
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import type { Flaw } from "../types";
import { t } from "../words";

type Common = {
  label: string; help?: string | undefined; flaw?: Flaw | undefined; required?: boolean; disabled?: boolean; name?: string;
  onBlur?: () => void;
};

const Below = ({ id, help, flaw, note }: { id: string; help: string | undefined; flaw: Flaw | undefined; note?: ComponentChildren }) => (
  <p id={id} class={flaw ? "help bad-text" : "help"} aria-live="polite">
    {flaw ? `${flaw.message} ${flaw.remedy}` : <>{help} {note}</>}
  </p>
);

const described = (id: string, props: Common) => ({
  "aria-describedby": `${id}-help`, "aria-invalid": props.flaw ? true : undefined, "aria-required": props.required || undefined,
  disabled: props.disabled, name: props.name, onBlur: props.onBlur,
});

export function Text(props: Common & {
  value: string; onInput: (value: string) => void; type?: "text" | "password" | "search" | "date" | "tel" | "email"; lines?: number; note?: ComponentChildren;
  inputMode?: "decimal" | "numeric"; list?: string[]; maxLength?: number; side?: ComponentChildren;
}) {
  const id = useId();
  const shared = {
    id, value: props.value, placeholder: " ", autocomplete: "off" as const, spellcheck: false, ...described(id, props),
  };
  return (
    <div class="field">
      <div class={`box ${props.flaw ? "invalid" : ""}`}>
        {props.lines
          ? <textarea rows={props.lines} {...shared} onInput={(event) => props.onInput(event.currentTarget.value)} />
          : <input {...({ type: props.type ?? "text", inputMode: props.inputMode, list: props.list && `${id}-list` } as object)}
              {...shared} maxLength={props.maxLength} onInput={(event) => props.onInput(event.currentTarget.value)} />}
        <label for={id}>{props.label}{props.required && <span aria-hidden="true"> *</span>}</label>
        {props.side}
      </div>
      {props.list && <datalist id={`${id}-list`}>{props.list.map((each) => <option key={each} value={each} />)}</datalist>}
      <Below id={`${id}-help`} help={props.help} flaw={props.flaw} note={props.note} />
    </div>
  );
}

export function Choice(props: Common & { value: string; choices: [string, string][]; onChange: (value: string) => void }) {
  const id = useId();
  return (
    <div class="field">
      <div class={`box select ${props.flaw ? "invalid" : ""}`}>
        <select id={id} value={props.value} {...described(id, props)} onChange={(event) => props.onChange(event.currentTarget.value)}>
          {props.choices.map(([value, label]) => <option key={value} value={value} selected={value === props.value}>{label}</option>)}
        </select>
        <label for={id}>{props.label}{props.required && <span aria-hidden="true"> *</span>}</label>
      </div>
      <Below id={`${id}-help`} help={props.help} flaw={props.flaw} />
    </div>
  );
}

export function Switch(props: Common & { value: boolean; onChange: (value: boolean) => void }) {
  const id = useId();
  return (
    <div class="field switch">
      <input id={id} type="checkbox" role="switch" checked={props.value} {...described(id, props)}
        onChange={(event) => props.onChange(event.currentTarget.checked)} />
      <label for={id}>{props.label}</label>
      <Below id={`${id}-help`} help={props.help} flaw={props.flaw} />
    </div>
  );
}

/** A secret: what is typed is hidden; what is set is never shown. */
export function SecretText(props: Common & {
  value: string; onInput: (value: string) => void; held: { isSet: boolean; lastFour: string; readable: boolean } | undefined;
  pem?: boolean; forgotten: boolean; onForget?: (forget: boolean) => void;
}) {
  const words = t().form;
  const held = props.held?.isSet
    ? (props.held.readable ? words.keep(props.held.lastFour) : words.enterAgain)
    : undefined;
  const flaw = props.flaw ?? undefined;
  const kept = props.held?.isSet && props.held.readable; // what may be left empty is not marked as required
  return (
    <div>
      <Text {...props} required={Boolean(props.required) && !kept} flaw={flaw} type="password" help={held ?? props.help} {...(props.pem ? { lines: 4 } : {})} />
      {props.held?.isSet && props.onForget && !props.value && (
        <Switch label={words.forget} value={props.forgotten} onChange={props.onForget} />
      )}
    </div>
  );
}
