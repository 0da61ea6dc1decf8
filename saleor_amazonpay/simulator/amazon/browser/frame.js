// Runs inside a widget's frame: asks the simulator what there is to choose from, and tells the shop's page what was chosen.
(async () => {
  "use strict";
  const given = Object.fromEntries(new URLSearchParams(location.search));
  const kind = location.pathname.split("/").pop();
  const list = document.getElementById("choices");
  const tell = (deed, data) => parent.postMessage({ widget: given.widget, deed, data }, "*");
  let agreement = given.agreement ?? "";

  const ask = async (deed, more = {}) => {
    const response = await fetch(`/widgets/${kind}/${deed}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ seller: given.seller, sandbox: given.sandbox === "true", token: given.token, agreement, ...more }),
    });
    const answer = await response.json();
    if (!answer.error) return answer;
    list.replaceChildren(document.createTextNode(answer.message));
    tell("error", { code: answer.error, message: answer.message });
    throw new Error(answer.error);
  };
  const choose = async (value) => {
    await ask("choose", kind === "consent" ? { consent: value } : { choice: value });
    tell(kind, { agreement, consent: value === true, choice: value });
  };

  const { agreement: made, choices, chosen } = await ask("open");
  agreement = made;
  list.replaceChildren(
    ...choices.map(({ value, label, note }) => {
      const row = document.createElement("label");
      const input = document.createElement("input");
      input.type = kind === "consent" ? "checkbox" : "radio";
      input.name = "choice";
      input.value = value;
      input.checked = value === chosen;
      input.addEventListener("change", () => choose(kind === "consent" ? input.checked : value));
      const name = document.createElement("span");
      name.textContent = label;
      const small = document.createElement("small");
      small.textContent = note;
      row.append(input, name, small);
      return row;
    }),
  );
  tell("ready", { agreement, consent: Boolean(chosen) });
  if (chosen && kind !== "consent") await choose(chosen);
})().catch(() => undefined);
