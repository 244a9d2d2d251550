import type { Principal } from './scheme.ts';

/** What a password check came to; a locked account answers the same to the outside as a wrong password. */
export type PasswordVerdict = 'accepted' | 'wrong-password' | 'locked';

/** The service account, known by its Windows name and by its user principal name. */
export class Account implements Principal {
  /** `CONTOSO\svc-mailroom` */
  readonly userName: string;
  /** `svc-mailroom@contoso.test`; also the address of the account's own mailbox. */
  readonly principalName: string;
  readonly #lockoutAfter: number | undefined;
  #password: string;
  #wrongPasswords = 0;

  constructor(name: string, domain: string, password: string, lockoutAfter: number | undefined) {
    const netBios = domain.replace(/\..*/, '').toUpperCase();
    const local = name.replace(/^.*\\/, '').replace(/@.*$/, '');
    this.userName = name.includes('\\') ? name : `${netBios}\\${local}`;
    this.principalName = name.includes('@') ? name : `${local}@${domain}`;
    this.#password = password;
    this.#lockoutAfter = lockoutAfter;
  }

  /** Neither form cares about case. */
  isNamed(name: string): boolean {
    const wanted = name.toLowerCase();
    return wanted === this.userName.toLowerCase() || wanted === this.principalName.toLowerCase();
  }

  /**
   * By the two names of an NTLM message: the domain may be its NetBIOS or its DNS name, or missing beside a plain name;
   * beside a user principal name it does not matter.
   */
  isNamedIn(domain: string, user: string): boolean {
    if (user.includes('@')) return this.isNamed(user);
    const [netBios = '', local = ''] = this.userName.toLowerCase().split('\\');
    const dns = this.principalName.toLowerCase().replace(/^.*@/, '');
    return user.toLowerCase() === local && ['', netBios, dns].includes(domain.toLowerCase());
  }

  get wrongPasswords(): number {
    return this.#wrongPasswords;
  }

  get isLocked(): boolean {
    return this.#lockoutAfter !== undefined && this.#wrongPasswords >= this.#lockoutAfter;
  }

  /** Counts wrong passwords as a domain controller does: a right one starts the count again, unless it comes too late. */
  check(password: string): PasswordVerdict {
    return this.checkBy((own) => own === password);
  }

  /** The same for a scheme that never shows the password but can tell whether it was the right one. */
  checkBy(fits: (password: string) => boolean): PasswordVerdict {
    if (this.isLocked) return 'locked';
    if (!fits(this.#password)) {
      this.#wrongPasswords += 1;
      return 'wrong-password';
    }
    this.#wrongPasswords = 0;
    return 'accepted';
  }

  setPassword(password: string): void {
    this.#password = password;
  }

  unlock(): void {
    this.#wrongPasswords = 0;
  }
}
