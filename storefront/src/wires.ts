// Which wires there are: the one file that knows.

import type { Driver, Setting } from "./driver.js";
import { AmazonPayError } from "./failures.js";
import { Button, isV2 } from "./v2.js";
import { isV1, Widgets } from "./v1.js";

/** The driver for a gateway's answer. Raises AmazonPayError for a wire this version does not know. */
export function driverOf(setting: Setting): Driver {
  if (isV1(setting.config)) return new Widgets(setting);
  if (isV2(setting.config)) return new Button(setting);
  throw new AmazonPayError("unavailable", "the gateway answers with a wire this version does not know");
}
