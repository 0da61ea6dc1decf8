// What the settings pages ask. One round trip for each page.
const MONEY = "{ amount currency }";
const BRIEF = "id version alias wire region testMode currency state stateReason";
const FOUND = "warnings { field code message remedy } errors { field code message remedy }";
const CHECKS = "checks { name state message }";
const CAP = `cap { month timeZone endsAt unlimited cap ${MONEY} booked ${MONEY} remaining ${MONEY} percent
  forecastReachedAt thresholds { percent amount ${MONEY} reached } }`;
const SETUP = "code state title message values url";

export const VIEWER = "{ amazonPayViewer { name maySeeSettings mayChangeSettings maySeePayments mayActOnPayments } }";

export const OVERVIEW = `query Overview {
  amazonPaySetup { ${SETUP} }
  amazonPayProblems { key severity message since }
  amazonPayProfiles { ${BRIEF} sellerId openOperations ${CAP} ipn { state lastReceivedAt waiting }
    assignments { channel qualification } warnings { field code message remedy } }
}`;

export const PROFILE = `query Profile($id: ID!) {
  amazonPayProfile(id: $id) {
    ${BRIEF} sellerId ledgerCurrency storeId clientId accessKey publicKeyId descriptor customerServiceNumber
    customerServiceEmail customerServiceSender monthlyCap ${MONEY} timeZone capThresholds refundsGiveCapBack
    processingPercent reservePercent transactionFee ${MONEY} chargebackFee ${MONEY} shopOrigins chargingApps allowOneTime
    allowRecurring captureWhenFulfilled releaseWhenCancelled createdAt updatedAt openOperations openAgreements deletable
    secrets { name isSet lastFour readable } warnings { field code message remedy } ${CAP}
    ipn { url state lastReceivedAt lastSubject receivedLastDay waiting refusals { code message count lastAt } }
    setup { ${SETUP} } assignments { channel qualification }
    simulations { call code title } nextSimulations { call code }
  }
  amazonPayProblems { key severity message since }
}`;

export const OPTIONS = `query Options { amazonPayOptions {
  regions { region currency sellerCentralUrl } currencies { code digits } timeZones descriptorLength capThresholds publicUrl
} }`;

export const CHANNELS = `query Channels {
  amazonPayChannels { id slug name currencyCode isActive
    assignments { channel priority weight qualification profile { ${BRIEF} } } }
  amazonPayProfiles { ${BRIEF} }
}`;

export const VALIDATE = `mutation Validate($input: AmazonPayProfileInput!, $id: ID, $connect: Boolean! = false) {
  result: amazonPayProfileValidate(input: $input, id: $id, connect: $connect) { ${CHECKS} ${FOUND} } }`;
export const CREATE = `mutation Create($input: AmazonPayProfileInput!) {
  result: amazonPayProfileCreate(input: $input) { profile { id alias } ${CHECKS} ${FOUND} } }`;
export const UPDATE = `mutation Update($id: ID!, $version: Int!, $input: AmazonPayProfileInput!) {
  result: amazonPayProfileUpdate(id: $id, version: $version, input: $input) { profile { id alias } ${CHECKS} ${FOUND} } }`;
export const DUPLICATE = `mutation Duplicate($id: ID!, $alias: String!) {
  result: amazonPayProfileDuplicate(id: $id, alias: $alias) { profile { id alias } ${FOUND} } }`;
export const PAUSE = `mutation Pause($id: ID!, $version: Int!, $reason: String!) {
  result: amazonPayProfilePause(id: $id, version: $version, reason: $reason) { profile { id } ${FOUND} } }`;
export const RESUME = `mutation Resume($id: ID!, $version: Int!) {
  result: amazonPayProfileResume(id: $id, version: $version) { profile { id } ${FOUND} } }`;
export const CLOSE = `mutation Close($id: ID!, $version: Int!, $reason: String!) {
  result: amazonPayProfileClose(id: $id, version: $version, reason: $reason) { profile { id } ${FOUND} } }`;
export const DELETE = `mutation Delete($id: ID!, $version: Int!) {
  result: amazonPayProfileDelete(id: $id, version: $version) { deletedId errors { field code message remedy } } }`;
export const CHECK = `mutation Check($id: ID!) { result: amazonPayProfileCheck(id: $id) { ${CHECKS} ${FOUND} } }`;
export const SIMULATE = `mutation Simulate($id: ID!, $call: AmazonPaySimulatedCall!, $code: String) {
  result: amazonPaySimulateNext(profileId: $id, call: $call, code: $code) { profile { id } ${FOUND} } }`;
export const SELF_TEST = `mutation SelfTest($id: ID!) {
  result: amazonPayIpnSelfTest(profileId: $id) { ${CHECKS} ${FOUND} } }`;
export const MOVE = `mutation Move($id: ID!, $storeId: String!, $publicKeyId: String!, $dryRun: Boolean!, $showPublicKey: Boolean!) {
  result: amazonPayProfileMove(id: $id, storeId: $storeId, publicKeyId: $publicKeyId, dryRun: $dryRun,
    showPublicKey: $showPublicKey) { to agreements reserved underWay publicKey errors { field code message remedy } } }`;
export const ASSIGN = `mutation Assign($channel: String!, $profileId: ID!, $priority: Int!, $weight: Int!, $dryRun: Boolean!) {
  result: amazonPayAssign(channel: $channel, profileId: $profileId, priority: $priority, weight: $weight, dryRun: $dryRun) { ${FOUND} } }`;
export const UNASSIGN = `mutation Unassign($channel: String!, $profileId: ID!, $dryRun: Boolean!) {
  result: amazonPayUnassign(channel: $channel, profileId: $profileId, dryRun: $dryRun) { ${FOUND} } }`;
