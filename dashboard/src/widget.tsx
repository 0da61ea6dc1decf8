// The widgets: on the order page and on the home page. Small frames, so that they say little and lead to the page.
import { useSignalEffect } from "@preact/signals";
import { render } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { context, fitHeight, framed, theme } from "./bridge";
import { t } from "./words";
import { HomeWidget } from "./widgets/home";
import { OrderWidget } from "./widgets/order";

function Widget() {
  const root = useRef<HTMLElement>(null);
  useSignalEffect(() => { document.documentElement.dataset["theme"] = theme.value; });
  useEffect(() => (root.current ? fitHeight(root.current) : undefined), []);
  const kind = location.pathname.split("/").pop();
  return (
    <main class="widget" ref={root}>
      <h1 class="hidden">Amazon Pay</h1>
      {!framed || !context.saleorApiUrl ? <p>{t().outside.title}</p> : kind === "order" ? <OrderWidget /> : <HomeWidget />}
    </main>
  );
}

render(<Widget />, document.getElementById("app")!);
