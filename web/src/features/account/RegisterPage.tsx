import { useState } from 'react';
import { RecoveryKey } from './RecoveryKey.js';
import { RecoveryProof } from './RecoveryProof.js';
import { RegisterForm } from './RegisterForm.js';

/** Account, recovery key, proof. The words live in this component's memory until they are proven. */
export function RegisterPage({ unproven }: { unproven: boolean }) {
  const [words, setWords] = useState<string[] | null>(null);
  const [saved, setSaved] = useState(false);

  if (words && !saved) {
    return (
      <RecoveryKey
        words={words}
        onSaved={() => {
          setSaved(true);
        }}
      />
    );
  }
  if (words || unproven) {
    return (
      <RecoveryProof
        words={words}
        onBack={(again) => {
          setWords(again);
          setSaved(false);
        }}
      />
    );
  }
  return <RegisterForm onMade={setWords} />;
}
