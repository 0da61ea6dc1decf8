"use client";

import { useEffect, useState } from "react";
import type { Result } from "saleor-amazonpay-storefront";
import { AmazonPay } from "./AmazonPay";
import { checkoutOfThisTab, saleorApiUrl } from "./saleor";

export default function Page() {
  const [checkout, setCheckout] = useState("");
  const [result, setResult] = useState<Result>();
  const [other, setOther] = useState(false);

  useEffect(() => {
    void checkoutOfThisTab().then(setCheckout);
  }, []);

  return (
    <main>
      <h1>Brewing at Home</h1>
      <p>An online course for $40. Nothing is sent by post.</p>
      {checkout && (
        <AmazonPay
          key={checkout}
          saleorApiUrl={saleorApiUrl}
          checkoutId={checkout}
          recurring={{ frequency: { unit: "Month", value: "1" } }}
          complete
          onHide={() => setOther(true)}
          onResult={(ended) => {
            if (ended.order) sessionStorage.removeItem("checkout");
            setResult(ended);
          }}
        />
      )}
      {other && <p>Here a shop offers another way to pay.</p>}
      {result?.order && (
        <p id="said">
          Order {result.order.number}: {result.status}.
        </p>
      )}
    </main>
  );
}
