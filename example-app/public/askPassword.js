const dialog = document.querySelector('#password-dialog');
const form = dialog.querySelector('form');
const input = dialog.querySelector('#password-again');
const problem = dialog.querySelector('#password-problem');

dialog.querySelector('#password-cancel').addEventListener('click', () => dialog.close());
input.addEventListener('input', () => say(''));

/** Asks until `logIn` takes the password. False if the visitor cancels. */
export function askPassword(logIn) {
  return new Promise((resolve) => {
    let isRight = false;
    form.onsubmit = async (event) => {
      event.preventDefault();
      try {
        await logIn(input.value);
        isRight = true;
        dialog.close();
      } catch (error) {
        say(error.message);
        input.select();
      }
    };
    dialog.onclose = () => {
      input.value = '';
      resolve(isRight);
    };
    say('');
    dialog.showModal();
  });
}

function say(text) {
  problem.textContent = text;
  input.setAttribute('aria-invalid', String(text !== ''));
}
