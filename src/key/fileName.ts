/** The name of a file, where somebody may have meant what is in it. Neither base64 nor a PEM looks so. */
export const FILE_NAME =
  /^file:|^(?:\/var)?\/run\/secrets\/|^\/etc\/|^(?:[a-z]:|~)?[\w\\/ .-]+\.(?:pem|key|pub|crt|cer|der|jwk|json|txt|env)$/i;
