import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';

/** Nobody signed it but itself, and it is good for 127.0.0.1 until 2126. Its key is no secret: it stands here. */
const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBmzCCAUGgAwIBAgIUYb18JG9cWAiuH7F7BM3v9v4QCBcwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMTIzMTY1NloYDzIxMjYxMDI4
MjMxNjU2WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAASASpt4oQiZ5hlZjUxNyAVf1/R3teI8yhVmejeDs0gpYjzpuILTZpdq
Yz450VVP+wMoTj3zJXRRH1EXMvdmsF6Yo28wbTAdBgNVHQ4EFgQUaX/ZlNQlSA53
GBpbZPAQAO9e0B4wHwYDVR0jBBgwFoAUaX/ZlNQlSA53GBpbZPAQAO9e0B4wDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDSAAwRQIgQr0agPJh9zY61uUcsWo46/HhPFdkQqnEHn1nvYNRenICIQC4
kPQKy1TZ3X2WYrWlxx9E77ukds2xArkdIELGfkVu2g==
-----END CERTIFICATE-----
`;

const KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgNNBiWL40tK4/+zXx
Ufv5wZilkdj+RBMxpXzqX27OZy+hRANCAASASpt4oQiZ5hlZjUxNyAVf1/R3teI8
yhVmejeDs0gpYjzpuILTZpdqYz450VVP+wMoTj3zJXRRH1EXMvdmsF6Y
-----END PRIVATE KEY-----
`;

export interface SelfSignedReceiver {
  readonly url: string;
  /** How many requests came through the handshake. */
  readonly requests: () => number;
  stop(): Promise<void>;
}

/** An HTTPS server on 127.0.0.1 that answers 200, with a certificate that no authority vouches for. */
export async function startSelfSignedReceiver(): Promise<SelfSignedReceiver> {
  let requests = 0;
  const server: Server = createServer({ cert: CERTIFICATE, key: KEY }, (request, response) => {
    request.resume().on('end', () => {
      requests += 1;
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}/in`,
    requests: () => requests,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
