// What the money pages and the widgets ask.
const MONEY = "{ amount currency }";
const OPERATION = `id kind phase amount ${MONEY} moved ${MONEY} transactionId sourceId parentId attempt code message amazonState
  amazonReason pspReference amazonId needsAttention createdAt updatedAt profile { id alias testMode }`;
const PAYMENT = `transactionId createdAt authorized ${MONEY} captured ${MONEY} refunded ${MONEY} refundable ${MONEY} busy
  actions needsAttention sellerCentralUrl profile { id alias testMode }
  agreement { id amazonId state reason recurring chargeable }`;

export const OPERATIONS = `query Operations($filter: AmazonPayOperationFilter, $first: Int!, $after: String) {
  amazonPayOperations(filter: $filter, first: $first, after: $after) {
    edges { node { ${OPERATION} } } pageInfo { hasNextPage endCursor } } }`;

export const PROFILE_NAMES = "query ProfileNames { amazonPayProfiles { id alias testMode } }";

export const PAYMENT_PAGE = `query Payment($id: ID!) { amazonPayPayment(transactionId: $id) {
  ${PAYMENT} orderId operations { ${OPERATION} }
  timeline { at actor kind title detail code amount ${MONEY} operationId } } }`;

export const REFRESH = `mutation Refresh($id: ID!) {
  result: amazonPayPaymentRefresh(transactionId: $id) { payment { transactionId } errors { field code message remedy } } }`;

export const WON = `mutation Won($id: ID!) {
  result: amazonPayChargebackWon(operationId: $id) { payment { transactionId } errors { field code message remedy } } }`;

export const CAPS = `query Caps($months: Int!) { amazonPayProfiles { id alias testMode state currency
  cap { month timeZone endsAt unlimited cap ${MONEY} booked ${MONEY} remaining ${MONEY} percent forecastReachedAt
    thresholds { percent amount ${MONEY} reached } }
  capHistory(months: $months) { month booked ${MONEY} givenBack ${MONEY} cap ${MONEY} percent
    alerts { percent raisedAt clearedAt } } } }`;

export const FEES = `query Fees($months: Int!) { amazonPayProfiles { id alias testMode }
  amazonPayFees(months: $months) { profileId month currency sales gross ${MONEY} refunds ${MONEY} chargebacks ${MONEY}
    expectedFee ${MONEY} expectedReserve ${MONEY} expectedNet ${MONEY} actualFee ${MONEY} difference ${MONEY} } }`;
export const FEES_CSV = "query FeesCsv($months: Int!) { amazonPayFeesCsv(months: $months) }";

export const ORDER_WIDGET = `query OrderWidget($id: ID!) { amazonPayOrderPayments(orderId: $id) {
  ${PAYMENT} operations { id kind phase amount ${MONEY} message needsAttention createdAt } } }`;

export const HOME_WIDGET = `query HomeWidget { amazonPayProblems { key severity message since }
  amazonPayProfiles { id alias testMode state currency
    cap { month timeZone endsAt unlimited cap ${MONEY} booked ${MONEY} remaining ${MONEY} percent forecastReachedAt
      thresholds { percent amount ${MONEY} reached } } }
  attention: amazonPayOperations(filter: { needsAttention: true }, first: 5) {
    edges { node { id kind phase amount ${MONEY} transactionId message createdAt } } pageInfo { hasNextPage } } }`;
