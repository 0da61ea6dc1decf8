"use client";

import { useEffect, useRef } from "react";
import { mount, type Address, type Options, type Result } from "saleor-amazonpay-storefront";

interface Props extends Omit<Options, "element"> {
  onResult(result: Result): void;
  onAddress?(address: Address): Promise<void> | void;
  onHide?(): void;
}

/** Amazon Pay for one checkout. Another checkout, or another customer, is mounted anew: give it a `key`. */
export function AmazonPay({ onResult, onAddress, onHide, ...options }: Props) {
  const place = useRef<HTMLDivElement>(null);
  // The latest callbacks and options, without mounting again because a parent rendered.
  const latest = useRef({ onResult, onAddress, onHide, options });
  useEffect(() => {
    latest.current = { onResult, onAddress, onHide, options };
  });

  useEffect(() => {
    let here = true;
    const pay = mount({ ...latest.current.options, element: place.current! });
    pay.on("address", ({ address }) => latest.current.onAddress?.(address));
    pay.on("failure", ({ hide }) => {
      if (hide) latest.current.onHide?.();
    });
    pay.result.then((result) => {
      if (here) latest.current.onResult(result);
    });
    return () => {
      here = false;
      pay.unmount(); // a payment that is out goes on, and the next mount finds it
    };
  }, []);

  return <div ref={place} />;
}
