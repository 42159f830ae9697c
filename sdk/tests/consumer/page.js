// A page that was written against the Chainalysis oracle, with ethers. It knows nothing of this
// project: one address, one function.
import { BrowserProvider, Contract } from "ethers";

const ORACLE = process.env.ORACLE;
const ABI = ["function isSanctioned(address addr) view returns (bool)"];

const form = document.querySelector("form");
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const oracle = new Contract(ORACLE, ABI, new BrowserProvider(window.ethereum));
  const isSanctioned = await oracle.isSanctioned(form.elements.address.value);
  form.elements.answer.value = isSanctioned ? "refused" : "welcome";
});
