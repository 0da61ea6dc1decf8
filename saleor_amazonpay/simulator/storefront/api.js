// Saleor's API as this shop uses it, and what the shop remembers in the browser.

const given = JSON.parse(document.getElementById("config").textContent);

const keep = (name) => ({
  get: () => JSON.parse(localStorage.getItem(`shop:${name}`) ?? "null"),
  set: (value) => localStorage.setItem(`shop:${name}`, JSON.stringify(value)),
  forget: () => localStorage.removeItem(`shop:${name}`),
});

const place = keep("channel");
export const channels = given.channels; // slug → name
const chosen = place.get();

export const config = { ...given, channel: chosen in channels ? chosen : Object.keys(channels)[0] };
export const move = (channel) => {
  place.set(channel);
  basket.forget(); // a checkout belongs to one channel
  location.assign("/");
};

export const session = keep("session"); // { token, email }
export const basket = keep("basket"); // { id, recurring }
export const payments = keep("payments"); // order id → transaction id, for the timeline

export async function ask(query, variables = {}) {
  const headers = { "Content-Type": "application/json" };
  const token = session.get()?.token;
  if (token) headers.Authorization = `Bearer ${token}`;
  const response = await fetch(config.saleorApiUrl, { method: "POST", headers, body: JSON.stringify({ query, variables }) });
  const answer = await response.json();
  const value = answer.data && Object.values(answer.data)[0];
  if (answer.errors?.length && !value) throw new Error(answer.errors[0].message);
  if (value?.errors?.length) throw new Error(value.errors.map((error) => error.message).join(" "));
  return value;
}

const PRODUCT = `id name slug description productType { isShippingRequired }
  thumbnail { url alt } defaultVariant { id name pricing { price { gross { amount currency } } } }`;
const ADDRESS = `firstName lastName companyName streetAddress1 streetAddress2 city postalCode countryArea country { code country }`;
const CHECKOUT = `id email isShippingRequired totalPrice { gross { amount currency } }
  shippingAddress { ${ADDRESS} } billingAddress { ${ADDRESS} } shippingMethods { id name price { amount currency } }
  delivery { shippingMethod { name price { amount currency } } }
  lines { id quantity totalPrice { gross { amount currency } } variant { id name product { name slug } } }`;

export const products = async () =>
  (await ask(`query Products($channel: String!) { products(first: 20, channel: $channel) { edges { node { ${PRODUCT} } } } }`,
    { channel: config.channel })).edges.map((edge) => edge.node).filter((product) => product.defaultVariant);

export const product = (slug) =>
  ask(`query Product($slug: String!, $channel: String!) { product(slug: $slug, channel: $channel) { ${PRODUCT} } }`,
    { slug, channel: config.channel });

export const checkout = (id) => ask(`query Checkout($id: ID!) { checkout(id: $id) { ${CHECKOUT} } }`, { id });

export const createCheckout = async (variantId) =>
  (await ask(`mutation Create($input: CheckoutCreateInput!) { checkoutCreate(input: $input) { checkout { ${CHECKOUT} } errors { message } } }`,
    { input: { channel: config.channel, lines: [{ variantId, quantity: 1 }] } })).checkout;

export const addLine = async (id, variantId) =>
  (await ask(`mutation Add($id: ID!, $lines: [CheckoutLineInput!]!) { checkoutLinesAdd(id: $id, lines: $lines) { checkout { ${CHECKOUT} } errors { message } } }`,
    { id, lines: [{ variantId, quantity: 1 }] })).checkout;

export const setLine = async (id, variantId, quantity) =>
  (await ask(`mutation Lines($id: ID!, $lines: [CheckoutLineUpdateInput!]!) { checkoutLinesUpdate(id: $id, lines: $lines) { checkout { ${CHECKOUT} } errors { message } } }`,
    { id, lines: [{ variantId, quantity }] })).checkout;

export const setEmail = (id, email) =>
  ask(`mutation Email($id: ID!, $email: String!) { checkoutEmailUpdate(id: $id, email: $email) { errors { message } } }`, { id, email });

export const setShipping = (id, address) =>
  ask(`mutation Shipping($id: ID!, $address: AddressInput!) { checkoutShippingAddressUpdate(id: $id, shippingAddress: $address) { errors { message } } }`, { id, address });

export const setBilling = (id, address) =>
  ask(`mutation Billing($id: ID!, $address: AddressInput!) { checkoutBillingAddressUpdate(id: $id, billingAddress: $address) { errors { message } } }`, { id, address });

export const setDelivery = async (id, deliveryMethodId) =>
  (await ask(`mutation Delivery($id: ID!, $deliveryMethodId: ID!) { checkoutDeliveryMethodUpdate(id: $id, deliveryMethodId: $deliveryMethodId) { checkout { ${CHECKOUT} } errors { message } } }`,
    { id, deliveryMethodId })).checkout;

export const order = (id) =>
  ask(`query Order($id: ID!) { order(id: $id) { id number created status chargeStatus authorizeStatus
    total { gross { amount currency } } totalCharged { amount currency } shippingAddress { ${ADDRESS} }
    lines { id productName quantity totalPrice { gross { amount currency } } } } }`, { id });

export const signIn = async (email, password) => {
  const { token } = await ask(`mutation SignIn($email: String!, $password: String!) { tokenCreate(email: $email, password: $password) { token errors { message } } }`,
    { email, password });
  session.set({ token, email });
};

export const me = () =>
  ask(`query Me { me { email firstName lastName defaultBillingAddress { ${ADDRESS} phone }
    orders(first: 20) { edges { node { id number created chargeStatus total { gross { amount currency } } } } } } }`);

export const addressInput = (address) => {
  const { country, ...rest } = address;
  return { ...rest, country: country.code };
};
