/** What is used of nodemailer. Its package of types brings 26 packages of the AWS SDK. */
declare module 'nodemailer' {
  type Transport = {
    sendMail(mail: {
      from: string;
      to: { name: string; address: string };
      subject: string;
      text: string;
    }): Promise<unknown>;
    close(): void;
  };
  export const createTransport: (options: {
    url: string;
    connectionTimeout: number;
    greetingTimeout: number;
    socketTimeout: number;
    disableFileAccess: boolean;
    disableUrlAccess: boolean;
  }) => Transport;
}
