/** Names and places in several scripts, from which the story makes its customers. */
interface Place {
  readonly country: string;
  readonly currency: string;
  readonly language: string;
  readonly names: readonly string[];
  readonly streets: readonly string[];
  readonly cities: readonly (readonly [city: string, zip: string])[];
}

const PLACES: readonly Place[] = [
  {
    country: 'DE',
    currency: 'EUR',
    language: 'de-DE',
    names: ['Jürgen Weiß', 'Anna-Lena Großmann', 'Müller & Söhne GmbH', 'Björn Öztürk', 'Renate von der Heide'],
    streets: ['Königstraße', 'Am Alten Markt', 'Gänseweg'],
    cities: [
      ['Köln', '50667'],
      ['Nürnberg', '90402'],
    ],
  },
  {
    country: 'JP',
    currency: 'JPY',
    language: 'ja',
    names: ['山田太郎', '佐藤 花子', '株式会社スピルウェイ', '高橋健一'],
    streets: ['銀座四丁目', '梅田一丁目'],
    cities: [
      ['東京都', '104-0061'],
      ['大阪市', '530-0001'],
    ],
  },
  {
    country: 'EG',
    currency: 'EGP',
    language: 'ar-EG',
    names: ['محمد عبد الله', 'فاطمة الزهراء', 'شركة النيل للتجارة'],
    streets: ['شارع التحرير', 'شارع الهرم'],
    cities: [['القاهرة', '11511']],
  },
  {
    country: 'GR',
    currency: 'EUR',
    language: 'el',
    names: ['Γιώργος Παπαδόπουλος', 'Ελένη Δημητρίου', 'Αφοί Νικολάου ΑΕ'],
    streets: ['Ερμού', 'Λεωφόρος Αθηνών'],
    cities: [['Αθήνα', '105 63']],
  },
  {
    country: 'US',
    currency: 'USD',
    language: 'en-US',
    names: ["Siobhán O'Neil", 'Robert "Bob" Tables; DROP', 'Ávila-Smith LLC', 'X Æ', 'Mary-Jane Watson 🕷'],
    streets: ['5th Avenue', "St. Mary's Road", 'Route 66'],
    cities: [
      ['New York', '10001'],
      ['Saint-Louis', '63101'],
    ],
  },
  {
    country: 'IN',
    currency: 'INR',
    language: 'hi',
    names: ['प्रिया शर्मा', 'राजेश कुमार', 'Ananya Iyer'],
    streets: ['महात्मा गांधी मार्ग'],
    cities: [['मुंबई', '400001']],
  },
  {
    country: 'PL',
    currency: 'PLN',
    language: 'pl',
    names: ['Łukasz Żółć', 'Małgorzata Święcicka'],
    streets: ['ul. Piękna'],
    cities: [['Łódź', '90-001']],
  },
];

export interface Person {
  readonly name: string;
  readonly email: string;
  readonly currency: string;
  readonly language: string;
  readonly address: { readonly street: string; readonly city: string; readonly zip: string; readonly country: string };
}

/** The person with this number: always the same one, and unlike the others. */
export function person(number: number): Person {
  const place = pick(PLACES, number);
  const [city, zip] = pick(place.cities, Math.floor(number / 7));
  return {
    name: `${pick(place.names, Math.floor(number / 3))} ${number}`,
    email: `customer.${number}@example.org`,
    currency: place.currency,
    language: place.language,
    address: { street: `${pick(place.streets, number)} ${number}`, city, zip, country: place.country },
  };
}

function pick<T>(list: readonly T[], number: number): T {
  const item = list[number % list.length];
  if (item === undefined) throw new RangeError('An empty list has nothing to pick');
  return item;
}
