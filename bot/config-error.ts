import { MailroomError } from '../services/model/error.ts';

/** A wrong or missing setting. The message is one line for the operator: which variable, and what it should be. */
export class ConfigError extends MailroomError {
  readonly variable: string;

  constructor(variable: string, sentence: string) {
    super('config.invalid', { variable });
    this.name = 'ConfigError';
    this.variable = variable;
    this.message = `${variable} ${sentence}`;
  }
}
