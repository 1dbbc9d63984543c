/** The part of nodemailer that is used; it brings no types. https://nodemailer.com/smtp/ */
declare module 'nodemailer' {
  export interface Mail {
    readonly from: string;
    readonly to: string;
    readonly subject: string;
    readonly text: string;
    readonly messageId: string;
  }
  export function createTransport(options: {
    readonly url: string;
    readonly connectionTimeout: number;
    readonly greetingTimeout: number;
    readonly socketTimeout: number;
    readonly disableFileAccess: boolean;
    readonly disableUrlAccess: boolean;
  }): { sendMail(mail: Mail): Promise<unknown> };
}
