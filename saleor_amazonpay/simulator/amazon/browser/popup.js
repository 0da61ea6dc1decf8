// Ends the sign-in window: hands the answer to the shop's page and closes.
(() => {
  const { shop, answer } = document.currentScript.dataset;
  opener?.postMessage({ amazon: "login", answer: JSON.parse(answer) }, shop);
  close();
})();
