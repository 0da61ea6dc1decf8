// Elements from a tag name, attributes and children. Texts are always texts.

export function el(tag, attributes = {}, ...children) {
  const [name, ...classes] = tag.split(".");
  const made = document.createElement(name || "div");
  if (classes.length) made.className = classes.join(" ");
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value === true) made.setAttribute(key, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(key, value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

export const money = ({ amount, currency }) =>
  new Intl.NumberFormat("en-US", { style: "currency", currency }).format(amount);

export const when = (text) =>
  new Date(text).toLocaleString("en-US", { dateStyle: "medium", timeStyle: "medium" });

export function field(label, name, value = "", more = {}) {
  return el("label.field", {}, el("span", {}, label), el("input", { name, value, required: true, ...more }));
}

// A picture for products that have none: a bag in the product's own colour.
const INKS = ["#7a3b2e", "#1d3b34", "#4b2e4f", "#8a6a1f", "#2c3e63", "#5a6b3b", "#6b2d3f"];

export function picture(product) {
  if (product.thumbnail) return el("img.picture", { src: product.thumbnail.url, alt: product.thumbnail.alt ?? "" });
  const ink = INKS[[...product.slug].reduce((sum, letter) => (sum * 7 + letter.charCodeAt(0)) % 9973, 0) % INKS.length];
  const draw = (tag, attributes, ...children) => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  };
  const initials = product.name.split(" ").map((word) => word[0]).join("").slice(0, 2);
  return draw(
    "svg", { viewBox: "0 0 200 220", class: "picture", role: "img", "aria-label": product.name },
    draw("path", { d: "M52 34h96l8 20v134a8 8 0 0 1-8 8H52a8 8 0 0 1-8-8V54z", fill: ink }),
    draw("path", { d: "M52 34h96l8 20H44z", fill: "#000", opacity: ".18" }),
    draw("rect", { x: 64, y: 84, width: 72, height: 78, rx: 4, fill: "#f3ead8" }),
    draw("text", { x: 100, y: 132, "text-anchor": "middle", "font-size": 30, "font-family": "Georgia, serif", fill: ink }, initials),
    draw("rect", { x: 76, y: 146, width: 48, height: 2, fill: ink, opacity: ".5" }),
  );
}
