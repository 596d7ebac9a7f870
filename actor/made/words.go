package made

// The four parts of a script, in the language in which it is sent. They threaten
// or lure in general words only.
var hindi = &[4][partsOfKind]string{
	{
		"सुनो {name} मैं तुम्हें कई दिनों से देख रहा हूँ", "नमस्ते {name} तुम्हारी प्रोफ़ाइल बहुत पसंद आई", "मेरे पास तुम्हारी सारी तस्वीरें मौजूद हैं",
		"तुमने जो वीडियो कॉल की थी वह रिकॉर्ड हो चुकी है", "मैं बैंक की तरफ़ से बोल रहा हूँ लोन के बारे में", "तुम्हारी सहेली {name} ने मुझे यह नंबर दिया",
		"मॉडलिंग एजेंसी के लिए नए चेहरों की तलाश है", "कल कोचिंग के बाहर तुम लाल कपड़ों में थी", "तुम्हारा खाता हैक करके सब संदेश पढ़ लिए",
		"गेम में मुफ़्त हीरे जीतने का मौका केवल तुम्हारे लिए", "मैं तुम्हारी कक्षा का ही एक लड़का हूँ पहचानो कौन",
	},
	{
		"अगर किसी को बताया तो अंजाम बहुत बुरा होगा समझी", "यह सब तुम्हारे पिताजी के दफ़्तर पहुँचा दूँगा", "पूरे स्कूल में पोस्टर बनाकर लगा दिए जाएंगे",
		"तुम्हारे नाम से नकली पेज बनाकर सबको जोड़ूँगा", "घर का पता मालूम है बाहर निकलना मुश्किल कर दूँगा", "हर रिश्तेदार के फ़ोन पर एक साथ भेज दिया जाएगा",
		"मना करने वाली लड़कियों का हाल इंटरनेट पर देख लो", "पुलिस तुम्हें ही पकड़ेगी क्योंकि सबूत मेरे पास हैं", "तुम्हारी बहन की शादी तुड़वाने में देर नहीं लगेगी",
		"मोहल्ले के ग्रुप में सुबह तक वायरल होना तय है", "तुम्हारे शिक्षक और प्रधानाचार्य को चिट्ठी लिख चुका हूँ",
	},
	{
		"बचना है तो {sum} रुपये तुरंत {pay} पर डालो", "रात {time} बजे अकेले कैमरे पर आओ बिना बहाना", "जो कहूँ वही करती जाओ तो कुछ नहीं होगा", "पासवर्ड और ओटीपी लिखकर मुझे अभी दो",
		"शुल्क {sum} जमा करो रसीद की फोटो दिखाओ", "दोस्ती कबूल करो और पुराने दोस्त छोड़ दो", "इस कड़ी {link} पर जाकर फॉर्म भर देना पूरा", "मंदिर के पीछे मिलने आना शाम {time} बजे",
		"गिफ्ट कार्ड खरीदकर उसका कोड भेजती रहो", "अपनी तीन नई तस्वीरें बिना फ़िल्टर खींचकर दो", "हर घंटे बताओ कहाँ हो किसके साथ हो",
	},
	{
		"आख़िरी मौका है सोच समझकर जवाब देना", "वरना कल सुबह का अख़बार ज़रूर पढ़ लेना", "मेरा धैर्य टूट रहा है ज़्यादा इंतज़ार मत कराओ", "नंबर बंद किया तो दूसरे से ढूँढ लूँगा",
		"यह संदेश पढ़कर तुरंत मिटा देना किसी ने देखा तो", "चालाकी करने की कोशिश महँगी पड़ेगी याद रखना", "गिनती शुरू हो चुकी है उलटी वाली", "हमारे आदमी तुम्हारे इलाके में घूम रहे हैं",
		"भगवान भी तुमको बचाने नहीं आएगा इस बार", "समझदार लड़की हो जल्दी फ़ैसला कर लोगी", "कोई शिकायत काम नहीं आएगी सब मेरे जानने वाले हैं",
	},
}

var english = &[4][partsOfKind]string{
	{
		"Hello {name} we met in the gaming lobby last weekend remember", "I represent a famous talent agency looking for fresh faces", "Your webcam was compromised three weeks ago by our software",
		"Dear customer your instant loan remains unpaid since Monday", "My cousin studies in your college and told everything", "I saw you walking home alone from tuition yesterday",
		"Congratulations your account was selected for a sponsored giveaway", "You do not know me but I know your family well", "I made a secret page about you and already have followers",
		"Someone posted awful edited pictures of you I can help", "Stop ignoring my requests or you will regret it deeply",
	},
	{
		"every contact in your phone book will receive the collage", "your principal gets the whole folder before assembly tomorrow", "strangers will start calling your home landline at midnight",
		"I will tag all your classmates under the humiliating post", "nobody would ever believe your version of this story", "your parents would be ashamed and throw you out",
		"our recovery agents visit neighbours with printed notices", "the clip goes live on twelve websites automatically", "your little brother walks the same road every afternoon",
		"admission to any university becomes impossible after this", "a fake confession in your handwriting is ready for mailing",
	},
	{
		"so transfer {sum} rupees quickly through {pay} and send proof", "switch on the camera tonight around {time} without any excuse", "share the verification code that arrives on your mobile",
		"click {link} then complete the registration with true details", "bring your documents to the parking basement by {time}", "buy voucher cards worth {sum} and read me the numbers",
		"send three recent portraits exactly the way I describe", "be my girlfriend officially and block the other boys", "install the helper application and grant every permission",
		"write an apology letter and record yourself reading it", "introduce two of your friends who are equally pretty",
	},
	{
		"you have only sixty minutes remaining think carefully", "blocking this number just makes me angrier believe me", "delete our conversation once finished and stay silent forever",
		"police complaints never worked against people like us", "consider it the final polite reminder you will get", "do not test my patience again little princess",
		"I am watching whether the ticks turn blue", "many girls refused earlier and now cry daily", "good behaviour earns you freedom within one month",
		"tell anybody and the price doubles every single day", "tomorrow everything explodes unless you obey completely",
	},
}
