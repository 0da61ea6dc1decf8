// What is asked of Saleor. The tests hold every document against Saleor's own schema.

const TRANSACTION = `
  fragment Payment on TransactionItem {
    id
    chargedAmount { amount currency }
    authorizedAmount { amount currency }
    refundedAmount { amount }
    chargePendingAmount { amount }
    authorizePendingAmount { amount }
    events { type pspReference createdAt message amount { amount currency } }
  }
`;

export const GATEWAY = `
  mutation Gateway($id: ID!, $gateway: String!, $amount: PositiveDecimal, $data: JSON) {
    paymentGatewayInitialize(id: $id, amount: $amount, paymentGateways: [{ id: $gateway, data: $data }]) {
      gatewayConfigs { id data errors { code message } }
      errors { field code message }
    }
  }
`;

export const INITIALIZE = `
  mutation Initialize($id: ID!, $gateway: String!, $key: String!, $amount: PositiveDecimal, $data: JSON) {
    transactionInitialize(
      id: $id
      amount: $amount
      idempotencyKey: $key
      paymentGateway: { id: $gateway, data: $data }
    ) {
      transaction { ...Payment }
      transactionEvent { type pspReference message }
      data
      errors { field code message }
    }
  }
  ${TRANSACTION}
`;

export const PROCESS = `
  mutation Process($id: ID!, $data: JSON) {
    transactionProcess(id: $id, data: $data) {
      transaction { ...Payment }
      transactionEvent { type pspReference message }
      data
      errors { field code message }
    }
  }
  ${TRANSACTION}
`;

export const CHECKOUT = `
  query Purchase($id: ID!) {
    checkout(id: $id) {
      isShippingRequired
      channel { slug }
      totalPrice { gross { amount currency } }
      totalBalance { amount currency }
      authorizeStatus
    }
  }
`;

export const ORDER = `
  query Purchase($id: ID!) {
    order(id: $id) {
      isShippingRequired
      channel { slug }
      total { gross { amount currency } }
      totalBalance { amount currency }
      authorizeStatus
    }
  }
`;

export const COMPLETE = `
  mutation Complete($id: ID!) {
    checkoutComplete(id: $id) {
      order { id number }
      errors { field code message }
    }
  }
`;

export const SHIPPING_ADDRESS = `
  mutation ShippingAddress($id: ID!, $address: AddressInput!) {
    checkoutShippingAddressUpdate(id: $id, shippingAddress: $address) { errors { field code message } }
  }
`;

export const BILLING_ADDRESS = `
  mutation BillingAddress($id: ID!, $address: AddressInput!) {
    checkoutBillingAddressUpdate(id: $id, billingAddress: $address) { errors { field code message } }
  }
`;

export const METHODS = `
  query Methods($channel: String!) {
    me { storedPaymentMethods(channel: $channel) { id paymentMethodId type name data gateway { id } } }
  }
`;

export const REMOVE = `
  mutation Remove($id: ID!, $channel: String!) {
    storedPaymentMethodRequestDelete(id: $id, channel: $channel) { result errors { field code message } }
  }
`;

export const PREPARE_SAVING = `
  mutation PrepareSaving($gateway: String!, $channel: String!, $data: JSON) {
    paymentGatewayInitializeTokenization(id: $gateway, channel: $channel, data: $data) { result data errors { field code message } }
  }
`;

export const SAVE = `
  mutation Save($gateway: String!, $channel: String!, $data: JSON) {
    paymentMethodInitializeTokenization(
      id: $gateway
      channel: $channel
      paymentFlowToSupport: INTERACTIVE
      data: $data
    ) { result id data errors { field code message } }
  }
`;

export const GO_ON_SAVING = `
  mutation GoOnSaving($id: String!, $channel: String!, $data: JSON) {
    paymentMethodProcessTokenization(id: $id, channel: $channel, data: $data) { result id data errors { field code message } }
  }
`;
