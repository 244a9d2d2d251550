/** An account as NTLM names it: apart from its domain, or as a user principal name with an empty domain. */
export interface NtlmName {
  readonly domain: string;
  readonly user: string;
}

/**
 * `DOMAIN\user` is split; `user@contoso.com` goes out whole and without a domain, which is how Windows itself sends a
 * user principal name (MS-NLMP §3.1.1.1 leaves it to the application). A bare name lets the server choose the domain.
 */
export function readAccountName(account: string): NtlmName {
  const slash = account.indexOf('\\');
  if (slash === -1) return { domain: '', user: account };
  return { domain: account.slice(0, slash), user: account.slice(slash + 1) };
}

/**
 * Upper case as the domain controller makes it: one UTF-16 unit becomes one (RtlUpcaseUnicodeString). JavaScript would
 * turn `ß` into `SS`, and the account would have a hash that no server knows.
 */
export function upperCase(text: string): string {
  let upper = '';
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charAt(index);
    const changed = unit.toUpperCase();
    upper += changed.length === 1 ? changed : unit;
  }
  return upper;
}
