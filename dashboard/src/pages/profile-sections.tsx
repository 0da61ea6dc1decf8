// The fields of a profile, in the sections of the form.
import type { Flaw, FullProfile, Options } from "../types";
import { Card } from "../ui/basics";
import { Choice, SecretText, Switch, Text } from "../ui/fields";
import { named, t } from "../words";
import { apiSecret, withRegion } from "./profile-draft";
import type { Draft, FlagName, ListName, SecretName, TextName } from "./profile-draft";

type Props = {
  draft: Draft; profile: FullProfile | null; options: Options; change: (part: Partial<Draft>) => void;
  touch: (name: string) => void; flawOf: (name: string) => Flaw | undefined;
};
type Extra = { required?: boolean; lines?: number; inputMode?: "decimal"; list?: string[]; maxLength?: number; disabled?: boolean; type?: "tel" | "email" };

export function FormSections(props: Props) {
  const { draft, profile, options, change, touch, flawOf } = props;
  const words = t().form;
  const common = (name: string) => ({
    name, label: words.labels[name] ?? name, help: words.help[name], flaw: flawOf(name), onBlur: () => touch(name),
  });
  const text = (name: TextName | ListName, extra: Extra = {}) => (
    <Text key={name} {...common(name)} {...extra} value={draft[name]} onInput={(value) => change({ [name]: value })} />
  );
  const flag = (name: FlagName) => (
    <Switch key={name} {...common(name)} value={draft[name]} onChange={(value) => { touch(name); change({ [name]: value }); }} />
  );
  const secret = (name: SecretName, pem = false, required = false) => (
    <SecretText key={name} {...common(name)} pem={pem} required={required} value={draft[name]}
      held={profile?.secrets.find((each) => each.name === apiSecret(name))}
      onInput={(value) => change({ [name]: value })} forgotten={draft.forget.includes(name)}
      {...(required ? {} : { onForget: (forget: boolean) => change({ forget: forget ? [...draft.forget, name] : draft.forget.filter((each) => each !== name) }) })} />
  );
  const v1 = draft.wire === "MWS";
  const currencies = options.currencies.map((each): [string, string] => [each.code, each.code]);
  const section = (name: keyof typeof words.sections) => ({ title: words.sections[name], text: words.texts[name] });
  return (
    <>
      <Card {...section("account")}>
        {text("alias", { required: true })}
        <div class="two">
          <Choice {...common("wire")} required value={draft.wire} disabled={profile !== null} choices={["V2", "MWS"].map((each) => [each, named(t().profiles.wires, each)])}
            onChange={(value) => change({ wire: value })} />
          <Choice {...common("testMode")} required value={String(draft.testMode)} choices={[["true", t().test], ["false", t().live]]}
            onChange={(value) => { touch("testMode"); change({ testMode: value === "true" }); }} />
          <Choice {...common("region")} required value={draft.region} choices={options.regions.map((each) => [each.region, named(t().profiles.regions, each.region)])}
            onChange={(value) => { touch("region"); change(withRegion(draft, value, options)); }} />
          {text("sellerId", { required: true })}
          <Choice {...common("currency")} required value={draft.currency} choices={currencies} onChange={(value) => { touch("currency"); change({ currency: value }); }} />
          <Choice {...common("ledgerCurrency")} value={draft.ledgerCurrency} choices={currencies} onChange={(value) => { touch("ledgerCurrency"); change({ ledgerCurrency: value }); }} />
        </div>
      </Card>
      <Card {...section("keys")}>
        {v1 ? (
          <>
            <div class="two">{text("accessKey", { required: true })}{text("clientId", { required: true })}</div>
            {secret("secretKey", false, true)}
            {secret("clientSecret")}
            {secret("mwsAuthToken")}
          </>
        ) : (
          <>
            <div class="two">{text("storeId", { required: true })}{text("publicKeyId", { required: true })}</div>
            {secret("privateKey", true, true)}
            <div class="two">{text("clientId")}</div>
          </>
        )}
      </Card>
      <Card {...section("buyer")}>
        <div class="two">
          {text("descriptor", { required: true })}
          {text("customerServiceNumber", { required: true, type: "tel" })}
          {text("customerServiceEmail", { type: "email" })}
          {text("customerServiceSender")}
        </div>
      </Card>
      <Card {...section("cap")}>
        {flag("unlimited")}
        <div class="two">
          {!draft.unlimited && text("monthlyCap", { required: true, inputMode: "decimal" })}
          {text("timeZone", { required: true, list: options.timeZones })}
          {text("capThresholds")}
        </div>
        {flag("refundsGiveCapBack")}
      </Card>
      <Card {...section("rules")}>
        {flag("allowOneTime")}{flag("allowRecurring")}{flag("captureWhenFulfilled")}{flag("releaseWhenCancelled")}
        <div class="two">{text("shopOrigins", { lines: 3 })}{text("chargingApps", { lines: 3 })}</div>
      </Card>
      <Card {...section("fees")}>
        <div class="two">
          {text("processingPercent", { inputMode: "decimal" })}{text("reservePercent", { inputMode: "decimal" })}
          {text("transactionFee", { inputMode: "decimal" })}{text("chargebackFee", { inputMode: "decimal" })}
        </div>
      </Card>
    </>
  );
}
