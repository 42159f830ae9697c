// The visitor's wallet, through EIP-1193: its account, its chain, and both again when they change.

import { useCallback, useEffect, useState } from "react";

export interface Wallet {
  request(asked: { method: string; params?: readonly unknown[] }): Promise<unknown>;
  on(event: string, listener: (value: never) => void): unknown;
  removeListener(event: string, listener: (value: never) => void): unknown;
}

declare global {
  interface Window {
    ethereum?: Wallet;
  }
}

export interface Connection {
  readonly wallet: Wallet | undefined;
  readonly account: string | undefined;
  readonly problem: string | undefined;
  connect(): Promise<void>;
}

const wallet = window.ethereum;

export const useWallet = (): Connection => {
  const [account, setAccount] = useState<string>();
  const [problem, setProblem] = useState<string>();

  useEffect(() => {
    const changed = (accounts: readonly string[]) => setAccount(accounts[0]);
    const ended = () => setAccount(undefined);
    wallet?.on("accountsChanged", changed);
    wallet?.on("disconnect", ended);
    return () => {
      wallet?.removeListener("accountsChanged", changed);
      wallet?.removeListener("disconnect", ended);
    };
  }, []);

  const connect = useCallback(async () => {
    if (!wallet) return setProblem("No wallet is installed in this browser.");
    try {
      const accounts = (await wallet.request({ method: "eth_requestAccounts" })) as string[];
      setAccount(accounts[0]);
      setProblem(undefined);
    } catch {
      setProblem("The wallet did not connect.");
    }
  }, []);
  return { wallet, account, problem, connect };
};
